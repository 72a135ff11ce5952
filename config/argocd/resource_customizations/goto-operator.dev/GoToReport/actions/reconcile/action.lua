-- Asks for one reconcile now; an account is read again too.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["goto-operator.dev/reconcile-requested-at"] = os.date("!%Y-%m-%dT%XZ")
return obj
