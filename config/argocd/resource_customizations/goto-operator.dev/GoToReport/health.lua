-- How Argo CD sees an object of goto-operator.dev, whatever its kind. A sync wave waits until all of it is Healthy, so what waits
-- for a person's answer or for a free seat, which may take weeks, is Healthy and says in its message what it waits for.
local waits = { InvitationPending = true, WaitingForSeat = true }
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

local ready, stalled, blocked = condition("Ready"), condition("Stalled"), condition("DeletionBlocked")

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
if ready.reason == "Suspended" then
  return health("Suspended", ready.message)
end
if ready.status == "True" or waits[ready.reason] then
  return health("Healthy", ready.message)
end
return health("Progressing", ready.message)
