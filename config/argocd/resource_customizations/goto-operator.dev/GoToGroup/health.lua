-- How Argo CD sees an object of goto-operator.dev, whatever its kind. A sync wave waits until all of it is Healthy, so what waits
-- for a person's answer or for a free seat, which may take weeks, is Healthy and says in its message what it waits for.
local waits = { InvitationPending = true, WaitingForSeat = true }
-- What a person has stopped, be it the object or its account, goes on when that person says so.
local suspended = { Suspended = true, AccountSuspended = true }
local status = obj.status or {}

local function condition(name)
  for _, c in ipairs(status.conditions or {}) do
    if c.type == name then
      return c
    end
  end
  return {}
end

local function health(state, message)
  return { status = state, message = message or "" }
end

local ready, stalled, blocked, seat = condition("Ready"), condition("Stalled"), condition("DeletionBlocked"), condition("SeatAssigned")

if obj.metadata.deletionTimestamp ~= nil then
  if blocked.status == "True" then
    return health("Progressing", blocked.message)
  end
  return health("Progressing", "being deleted")
end
if ready.status == nil or status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "not seen by the operator yet")
end
if stalled.status == "True" then
  return health("Degraded", stalled.message)
end
if suspended[ready.reason] then
  return health("Suspended", ready.message)
end
if ready.status == "True" and seat.status == "False" then
  return health("Healthy", seat.message)
end
if ready.status == "True" or waits[ready.reason] then
  return health("Healthy", ready.message)
end
return health("Progressing", ready.message)
