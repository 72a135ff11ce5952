package planning

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/internal/account"
)

// What an update could not take in is there for the next one, with what has come meanwhile.
func TestInboxKeepsWhatIsReturned(t *testing.T) {
	var i Inbox
	fay, zoe := types.NamespacedName{Namespace: "team", Name: "fay"}, types.NamespacedName{Namespace: "team", Name: "zoe"}
	i.Add(fay)
	i.AddRemote([]account.UserRef{{Key: "1", Email: "fay@example.test"}})
	taken := i.Empty()
	i.Add(zoe)
	i.Return(taken)
	want := News{Users: map[types.NamespacedName]bool{fay: true, zoe: true}, Remote: map[string]bool{"1": true, "fay@example.test": true}}
	if diff := cmp.Diff(want, i.Empty()); diff != "" {
		t.Error(diff)
	}
	if rest := i.Empty(); len(rest.Users)+len(rest.Remote) > 0 {
		t.Errorf("%+v is left", rest)
	}
}
