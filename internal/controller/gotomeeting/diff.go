package gotomeeting

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Names of the fields, as in the spec.
const (
	fieldSubject          = "subject"
	fieldStart            = "start"
	fieldEnd              = "end"
	fieldType             = "type"
	fieldAudio            = "audio"
	fieldPasswordRequired = "passwordRequired"
	fieldCoorganizers     = "coorganizers"
)

// diff lists what differs; nothing of a meeting that is over. What GoTo does not show as it was written, the audio and the
// co-organizers, differs if the spec asks for another thing than was last written, or GoTo shows what cannot be that.
func diff(m *v1alpha1.GoToMeeting, want Wants, seen Remote) []engine.Change {
	if seen.over {
		return nil
	}
	var out []engine.Change
	add := func(field string, differs bool, current, desired string) {
		if differs {
			out = append(out, engine.Change{Field: field, Current: shorten(current), Desired: shorten(desired)})
		}
	}
	spec := toSpec(m, want, seen.Meeting)
	applied := m.Status.Applied
	if seen.applied != nil {
		applied = *seen.applied
	}
	add(fieldSubject, !gotoclient.SameSubject(spec.Subject, seen.Subject), seen.Subject, spec.Subject)
	add(fieldStart, !spec.Start.Equal(seen.Start), moment(seen.Start), moment(spec.Start))
	add(fieldEnd, !spec.End.Equal(seen.End), moment(seen.End), moment(spec.End))
	add(fieldType, spec.Type != seen.Type, string(seen.Type), string(spec.Type))
	add(fieldAudio, applied.Audio != spec.ConferenceCallInfo || otherKind(spec.ConferenceCallInfo, seen.ConferenceCallInfo),
		seen.ConferenceCallInfo, spec.ConferenceCallInfo)
	if want, is := m.Spec.PasswordRequired, seen.PasswordRequired; want != nil && is != nil {
		add(fieldPasswordRequired, *want != *is, strconv.FormatBool(*is), strconv.FormatBool(*want))
	}
	if want.coorganizers != nil {
		is := keysOf(applied.CoorganizerKeys)
		if seen.CoorganizerKeys != nil && slices.Equal(is, want.coorganizers) {
			is = slices.Sorted(slices.Values(seen.CoorganizerKeys))
		}
		add(fieldCoorganizers, !slices.Equal(is, want.coorganizers), join(is), join(want.coorganizers))
	}
	return out
}

// otherKind tells whether the audio that GoTo shows is one of the kinds that have a name, and not the one that was sent. A
// text says nothing: GoTo may show one in place of what was sent (L).
func otherKind(sent, read string) bool {
	named := func(kind string) bool { return strings.EqualFold(kind, strings.TrimSpace(read)) }
	kinds := []string{gotoclient.CallPSTN, gotoclient.CallFree, gotoclient.CallHybrid, gotoclient.CallPrivate, gotoclient.CallVoIP}
	return slices.ContainsFunc(kinds, named) && !gotoclient.SameConferenceCall(sent, read)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func join(keys []gotoclient.Key) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

// longest is the number of characters that status has room for.
const longest = 1024

func shorten(text string) string { return engine.Bounded(text, longest) }
