package gotoclient_test

import (
	"slices"
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func (w *world) licenses() *gotoclient.LicensesService { return w.client.Licenses(account) }

// holder adds a user with one seat.
func (w *world) holder(email string) gotoclient.Key {
	return gotoclient.Key(w.sim.AddUser(simulator.DefaultAccountKey, simulator.User{
		Email: email, FirstName: "H", LastName: "H", LicenseKeys: []string{simulator.DefaultWebinarLicenseKey},
	}))
}

func TestSeats(t *testing.T) {
	const license = gotoclient.Key(simulator.DefaultWebinarLicenseKey)
	w := newWorld(t)
	ctx := t.Context()
	fay := w.holder("fay@example.test")
	status := func() gotoclient.UserStatus {
		t.Helper()
		u, err := w.users().Get(ctx, fay)
		if err != nil {
			t.Fatal(err)
		}
		return u.Status
	}
	if got := status(); got != gotoclient.UserInvited {
		t.Errorf("with a seat: %s", got)
	}
	if err := w.licenses().RemoveSeat(ctx, license, fay, true); err != nil {
		t.Fatal(err)
	}
	if got := status(); got != gotoclient.UserSuspended || len(w.sim.Outbox()) != 0 {
		t.Errorf("without a seat: %s, mails %v", got, w.sim.Outbox())
	}
	if err := w.licenses().AddSeat(ctx, license, fay); !gotoclient.IsRefused(err) || !gotoclient.HasCode(err, gotoclient.CodeNotFound) {
		t.Errorf("where there is no such call: %v", err)
	}
	w.set(t, "seatAssignment", "available")
	for range 2 {
		if err := w.licenses().AddSeat(ctx, license, fay); err != nil || status() != gotoclient.UserInvited {
			t.Errorf("%v, %s", err, status())
		}
	}
	if err := w.licenses().RemoveSeat(ctx, license, fay, false); err != nil || len(w.sim.Outbox()) != 1 {
		t.Errorf("%v, mails %v", err, w.sim.Outbox())
	}
	for _, err := range []error{
		w.licenses().RemoveSeat(ctx, license, unknownUser, true), w.licenses().AddSeat(ctx, license, unknownUser),
	} {
		if !gotoclient.HasCode(err, gotoclient.CodeUserNotFound) || gotoclient.IsNotFound(err) {
			t.Errorf("unknown user: %v", err)
		}
	}
}

// walkSeats gives and takes a seat in the present position of the switches.
func walkSeats(t *testing.T, w *world) {
	t.Helper()
	const license = gotoclient.Key(simulator.DefaultWebinarLicenseKey)
	ctx, sw := t.Context(), w.sim.Switches()
	refused := func(err error) bool {
		return gotoclient.IsRefused(err) && !gotoclient.IsNotFound(err) && !gotoclient.IsAmbiguous(err) && !gotoclient.IsTemporary(err)
	}
	holds := func(user gotoclient.Key) bool {
		u, _ := w.sim.User(simulator.DefaultAccountKey, user.String())
		return slices.Contains(u.LicenseKeys, license.String())
	}
	w.sim.UpdateLicense(simulator.DefaultAccountKey, license.String(), func(l *simulator.License) { l.Seats = 1 })
	fay, gil := w.holder("seat-fay@example.test"), gotoclient.Key(w.sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: "seat-gil@example.test"}))
	if err := w.licenses().AddSeat(ctx, license, gil); !refused(err) || holds(gil) {
		t.Errorf("a seat that is not there: %v", err)
	}
	if err := w.licenses().RemoveSeat(ctx, license, fay, true); err != nil || holds(fay) {
		t.Errorf("take: %v", err)
	}
	if err := w.licenses().RemoveSeat(ctx, license, fay, true); (err == nil) != (sw.NothingToTake == "done") || err != nil && !refused(err) {
		t.Errorf("take again: %v", err)
	}
	given := sw.SeatAssignment == "available"
	if err := w.licenses().AddSeat(ctx, license, gil); (err == nil) != given || holds(gil) != given || err != nil && !refused(err) {
		t.Errorf("give: %v", err)
	}
}
