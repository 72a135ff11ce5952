package rig

import "syscall"

// childAttributes puts a child into a process group of its own and has the kernel kill it should the parent die without
// stopping it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
