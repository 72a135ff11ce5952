package turn

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turn
		began := time.Now()
		for range 3 {
			go func() {
				if err := turns.Take(t.Context()); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Second) // what takes long
				turns.Leave()
			}()
		}
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := turns.Take(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who does not want to wait: %v", err)
		}
		if err := turns.Take(t.Context()); err != nil || time.Since(began) != 3*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
