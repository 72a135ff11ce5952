package gotosettingsprofile

import (
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// What is said of users who do not have the settings says what it takes, and covers all whom it counts.
func TestWhatIsSaidOfUsers(t *testing.T) {
	t.Parallel()
	for reason, row := range map[string]struct {
		users settings.Users
		words []string
	}{
		v1alpha1.ReasonEndpointUnverified: {settings.Users{Selected: 3, Applied: 1, Refused: 2, Denied: 2}, []string{"2 of 3", "spec.endpoints"}},
		v1alpha1.ReasonUsersNotReady:      {settings.Users{Selected: 3, Applied: 1, Refused: 2}, []string{"2 of 3", "suspended", "observed", "stalled", "not keep"}},
	} {
		s := seen{Own: settings.Own{Profile: settings.Profile{Users: row.users}}}
		c, err := s.standing(&v1alpha1.GoToSettingsProfile{})
		if c.Reason != reason || err == nil {
			t.Errorf("%s: %+v, %v", reason, c, err)
		}
		for _, word := range row.words {
			if !strings.Contains(c.Message, word) {
				t.Errorf("%s: %q does not say %q", reason, c.Message, word)
			}
		}
	}
}
