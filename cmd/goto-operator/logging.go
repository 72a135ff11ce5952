package main

import (
	"slices"

	"github.com/go-logr/logr"
)

// lazy is a log that encodes the values of a logger when something is logged, and not when it is made: each reconcile has a logger of its
// own, of which zap encodes the values into buffers of three KB, and nearly all of them log nothing.
type lazy struct {
	logr.LogSink

	values []any
}

// lazily returns a logger that writes to another one's sink.
func lazily(l logr.Logger) logr.Logger { return logr.New(lazy{LogSink: l.GetSink()}) }

// made is the sink with the values.
func (l lazy) made() logr.LogSink {
	sink := l.LogSink
	if len(l.values) > 0 {
		sink = sink.WithValues(l.values...)
	}
	return sink
}

// Info implements logr.LogSink.
func (l lazy) Info(level int, message string, more ...any) { l.made().Info(level, message, more...) }

// Error implements logr.LogSink.
func (l lazy) Error(err error, message string, more ...any) { l.made().Error(err, message, more...) }

// WithValues implements logr.LogSink.
func (l lazy) WithValues(more ...any) logr.LogSink {
	return lazy{l.LogSink, slices.Concat(l.values, more)}
}

// WithName implements logr.LogSink.
func (l lazy) WithName(name string) logr.LogSink { return lazy{l.made().WithName(name), nil} }
