-- Releases the deletion brake of an account for one hour from now. Argo CD's os.date may not apply "!" to a time that it is given,
-- so the difference between local time and UTC is worked out.
local function utc(part)
  return tonumber(os.date("!%" .. part))
end
local now = os.time()
local zone = os.time({
  year = utc("Y"), month = utc("m"), day = utc("d"), hour = utc("H"), min = utc("M"), sec = utc("S"),
}) - now
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["goto-operator.dev/approve-deletions-until"] = os.date("%Y-%m-%dT%XZ", now + zone + 3600)
return obj
