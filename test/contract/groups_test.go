package contract_test

import (
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// unseen are the switches, or positions, that no exchange can show, and why.
var unseen = map[string]string{
	"seatEmail":                 "only the mail that GoTo sends differs",
	"clientAuthentication":      "a secret in the form is not in the documents, since the client does not send it",
	"textBooleans":              "a boolean as a text is not in the documents",
	"rangeEnds":                 "nothing begins at the end of a range there",
	"meetingGroupLists":         "nobody is in a group below another while its lists are read there",
	"definitionWrite":           "the client names every member",
	"groupLists=elsewhere":      "nobody asks there, and where it is asked for there is nothing by default either",
	"licenseDetails=elsewhere":  "the same",
	"accountProducts=elsewhere": "the same",
	"flatCreate":                "a user beside users is not in the documents",
}

// driveGroups takes groups, memberships and seats through every call, and reads after each whose effect is a matter of switches.
func (w *world) driveGroups(client *gotoclient.Client, crowd []gotoclient.Key) {
	ctx, groups, users := w.t.Context(), client.Groups(account), client.Users(account)
	top, err := groups.Create(ctx, gotoclient.NewGroup{Name: "Reds"})
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = groups.Create(ctx, gotoclient.NewGroup{Name: "Reds"}) // taken
	child, err := groups.Create(ctx, gotoclient.NewGroup{Name: "Pink", ParentKey: top})
	if err != nil { // a parent is refused
		if child, err = groups.Create(ctx, gotoclient.NewGroup{Name: "Pink"}); err != nil {
			w.t.Fatal(err)
		}
	}
	_, _ = groups.Create(ctx, gotoclient.NewGroup{Name: "Reds", ParentKey: top})   // taken elsewhere
	_, _ = groups.Create(ctx, gotoclient.NewGroup{Name: "Deep", ParentKey: child}) // a third level
	_, _ = groups.Create(ctx, gotoclient.NewGroup{Name: "Lost", ParentKey: nobody})
	_ = groups.Rename(ctx, child, "Rose")
	_ = groups.Rename(ctx, child, "Reds") // taken
	_ = groups.Rename(ctx, nobody, "Nobody")
	_, _ = groups.Get(ctx, child)
	_ = groups.Move(ctx, child, crowd[:3])
	_, _ = users.Get(ctx, crowd[2])
	_ = groups.Move(ctx, child, crowd[3:4])
	_ = groups.Move(ctx, nobody, crowd[3:4])
	_, _ = users.Get(ctx, crowd[3])
	drain(groups.Users(ctx, child, gotoclient.ListOptions{}))
	drain(groups.Subgroups(ctx, top, gotoclient.ListOptions{}))
	for range 2 { // the second time there is nothing to leave
		_ = groups.Leave(ctx, crowd[3])
	}
	_, _ = users.Get(ctx, crowd[3])
	_ = groups.Delete(ctx, top)   // it has a sub-group
	_ = groups.Delete(ctx, child) // it has members
	_, _ = users.Get(ctx, crowd[0])
	drain(groups.List(ctx, gotoclient.ListOptions{}))
	_ = groups.Delete(ctx, nobody)
}

func (w *world) driveSeats(client *gotoclient.Client, crowd []gotoclient.Key) {
	ctx, licenses, users := w.t.Context(), client.Licenses(account), client.Users(account)
	for range 2 { // the second time there is nothing to take
		_ = licenses.RemoveSeat(ctx, simulator.DefaultMeetingLicenseKey, crowd[1], false)
	}
	_, _ = users.Get(ctx, crowd[1])
	_ = licenses.RemoveSeat(ctx, simulator.DefaultMeetingLicenseKey, nobody, true)
	_, _ = licenses.Get(ctx, simulator.DefaultMeetingLicenseKey)
	_ = licenses.AddSeat(ctx, simulator.DefaultMeetingLicenseKey, crowd[1])
	_, _ = users.Get(ctx, crowd[1])
}
