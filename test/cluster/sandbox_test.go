//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// sandbox is what a container runtime makes for a Pod: mounts, a network and a host name of its own. It is a thread that never comes back
// to them: what is started on it is inside, as are the sockets that are made on it, whoever uses them then.
type sandbox struct {
	root string
	work chan func()

	mu        sync.Mutex
	listeners []net.Listener
}

// newSandbox has nothing at its root but the given files: path inside to path outside.
func newSandbox(name, root string, files map[string]string) (*sandbox, error) {
	s := &sandbox{root: root, work: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocks: the thread ends with its goroutine
		ready <- s.isolate(name, files)
		for do := range s.work {
			do()
		}
	}()
	return s, <-ready
}

// isolate takes the calling thread out of the host's namespaces.
func (s *sandbox) isolate(name string, files map[string]string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC); err != nil {
		return err
	}
	return errors.Join(unix.Sethostname([]byte(name)), loopback(), s.mount(files), harmless())
}

// mount makes the root file system: read-only, as the Deployment asks for.
func (s *sandbox) mount(files map[string]string) error {
	steps := []func() error{
		func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
		func() error { return unix.Mount(s.root, s.root, "", unix.MS_BIND, "") },
	}
	files["/proc"] = "/proc"
	for inside, outside := range files {
		steps = append(steps, func() error { return bind(outside, filepath.Join(s.root, inside)) })
	}
	steps = append(steps, func() error {
		return unix.Mount("", s.root, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
	})
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("mounts of a Pod: %w", err)
		}
	}
	return nil
}

// bind shows a file or folder at another path too.
func bind(outside, inside string) error {
	info, err := os.Stat(outside)
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = os.MkdirAll(inside, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(inside), 0o755); err == nil {
		err = os.WriteFile(inside, nil, 0o644)
	}
	if err != nil {
		return err
	}
	return unix.Mount(outside, inside, "", unix.MS_BIND|unix.MS_REC, "")
}

// loopback sets the only interface up that a new network has, and gives it the addresses of a cluster's Services too: 10.0.0.0/8.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		return err
	}
	alias, err := unix.NewIfreq("lo:1")
	if err != nil {
		return err
	}
	return errors.Join(alias.SetInet4Addr([]byte{10, 96, 0, 1}), unix.IoctlIfreq(fd, unix.SIOCSIFADDR, alias))
}

// harmless takes from what the thread starts every capability and every way to get one: allowPrivilegeEscalation false, drop ALL.
func harmless() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
			return err
		}
	}
	return nil
}

// inside runs something on the sandbox's thread.
func (s *sandbox) inside(do func() error) error {
	done := make(chan error)
	s.work <- func() { done <- do() }
	return <-done
}

// close ends the network. Whatever was started inside has ended before.
func (s *sandbox) close() {
	s.mu.Lock()
	for _, l := range s.listeners {
		_ = l.Close()
	}
	s.mu.Unlock()
	close(s.work)
}

// dial connects to an address inside, as kubectl port-forward does.
func (s *sandbox) dial(ctx context.Context, _, address string) (conn net.Conn, err error) {
	err = s.inside(func() error {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
		return err
	})
	return conn, err
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// serve hands what comes to an address inside on to a target, which wrap may look into first.
func (s *sandbox) serve(address string, wrap func(net.Listener) net.Listener, dial dialer, target string) error {
	var l net.Listener
	err := s.inside(func() (err error) {
		l, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
		return err
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.listeners = append(s.listeners, l)
	s.mu.Unlock()
	if wrap != nil {
		l = wrap(l)
	}
	go forward(l, dial, target)
	return nil
}

func forward(l net.Listener, dial dialer, target string) {
	for {
		from, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			to, err := dial(context.Background(), "tcp", target)
			if err != nil {
				_ = from.Close()
				return
			}
			join(from, to)
		}()
	}
}

// join copies both ways until both ends have closed.
func join(a, b net.Conn) {
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
}
