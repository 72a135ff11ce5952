-- Which actions an object offers: each kind has the first three, an account also the release of its deletion brake.
local suspended = obj.spec ~= nil and obj.spec.suspend == true
local actions = {}
actions["reconcile"] = { ["disabled"] = suspended }
actions["suspend"] = { ["disabled"] = suspended }
actions["resume"] = { ["disabled"] = not suspended }
if obj.kind == "GoToAccount" then
  actions["approve-deletions"] = { ["disabled"] = suspended }
end
return actions
