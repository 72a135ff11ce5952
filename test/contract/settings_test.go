package contract_test

import (
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// driveSettings writes settings at every level, and reads after each whose effect is a matter of switches.
func (w *world) driveSettings(client *gotoclient.Client, crowd []gotoclient.Key, group gotoclient.Key) {
	ctx, users := w.t.Context(), client.Users(account)
	const product = gotoclient.ProductMeeting
	w.sim.EditSettings(string(account), string(crowd[1]), product, "voipAccessible", false)
	for _, settings := range []*gotoclient.SettingsService{client.Settings(account), client.Settings(account).Wrapped()} {
		for _, set := range []gotoclient.Settings{
			{"chatEnabled": false, "tollCountries": []string{"US", "DE"}},
			{"recordingEnabled": true, "theme": "dark", "maxAttendees": 10},
			{"voipEnabled": true}, // which the second of the two may not have
		} {
			_ = settings.UpdateUsers(ctx, crowd[:2], product, set)
		}
		_, _ = users.Get(ctx, crowd[1])
		_ = settings.UpdateUsers(ctx, []gotoclient.Key{nobody}, product, gotoclient.Settings{"chatEnabled": false})
		_ = settings.UpdateGroup(ctx, group, product, gotoclient.Settings{"webcamEnabled": false})
		_ = settings.UpdateGroup(ctx, nobody, product, gotoclient.Settings{"webcamEnabled": false})
		_ = settings.UpdateLicense(ctx, simulator.DefaultMeetingLicenseKey, product, gotoclient.Settings{"webcamEnabled": false})
		_ = settings.UpdateLicense(ctx, nobody, product, gotoclient.Settings{"webcamEnabled": false})
		_ = settings.UpdateNewUsers(ctx, product, gotoclient.Settings{"chatEnabled": true})
		_ = settings.UpdateAccount(ctx, product, gotoclient.Settings{"webcamEnabled": true})
		_, _ = settings.NewUsers(ctx, product)
		_, _ = settings.NewUsers(ctx, "NOSUCH")
		_, _ = settings.Account(ctx, product)
		_, _ = settings.TollCountries(ctx, product)
		_, _ = settings.TollFreeCountries(ctx, product)
		_, _ = users.Get(ctx, crowd[1])
	}
}
