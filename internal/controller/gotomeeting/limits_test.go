package gotomeeting

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func TestWhatGoToSaysFitsIntoStatus(t *testing.T) {
	m := &v1alpha1.GoToMeeting{}
	found := adopted(m, &Remote{Meeting: gotoclient.Meeting{
		ID: "7", OrganizerKey: "8", JoinURL: kindtest.Huge, ConferenceCallInfo: kindtest.Huge, MaxParticipants: 1 << 40,
		CoorganizerKeys: kindtest.Many(gotoclient.Key("9")),
	}})
	report(m, *found)
	kindtest.Fits(t, m, m.Status)
}
