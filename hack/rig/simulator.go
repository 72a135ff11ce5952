package rig

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"
)

const (
	// AnyPort is an address with a free port.
	AnyPort = "127.0.0.1:0"

	// simulatorStart is how long the simulator may take to print its addresses.
	simulatorStart = 20 * time.Second
)

// Simulator is a running goto-simulator.
type Simulator struct {
	*Process

	// API and Control are the URLs of its two ports.
	API, Control string
}

// StartSimulator starts goto-simulator with a control port that is free, and waits until it serves. Its error tells how the
// program ended, or that it did not print its addresses.
func StartSimulator(ctx context.Context, logPath, binary string, args ...string) (*Simulator, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	process, err := Start(logPath, writer, nil, binary, append(args, "--admin-listen", AnyPort)...)
	_ = writer.Close() // the child has its own copy
	if err != nil {
		_ = reader.Close()
		return nil, err
	}
	sim := &Simulator{Process: process}
	if err := sim.readAddresses(ctx, reader); err != nil {
		sim.Stop()
		return nil, err
	}
	return sim, nil
}

// readAddresses takes the URLs from what the simulator prints once it accepts connections, and goes on reading so that a
// later line cannot block it.
func (s *Simulator) readAddresses(ctx context.Context, stdout io.ReadCloser) error {
	found := make(chan [2]string, 1)
	go func() {
		defer func() { _ = stdout.Close() }()
		var urls [2]string
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			name, url, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "GoTo API":
				urls[0] = strings.TrimSpace(url)
			case "control port":
				urls[1] = strings.TrimSpace(url)
			}
			if urls[0] != "" && urls[1] != "" {
				select {
				case found <- urls:
				default:
				}
			}
		}
	}()
	select {
	case urls := <-found:
		s.API, s.Control = urls[0], urls[1]
		return nil
	case <-s.done:
		return s.Ended()
	case <-ctx.Done():
		return ErrInterrupted
	case <-time.After(simulatorStart):
		return errors.New("it did not print its addresses in time")
	}
}
