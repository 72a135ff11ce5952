-- Lets the operator leave the object, and what it stands for, alone.
obj.spec.suspend = true
return obj
