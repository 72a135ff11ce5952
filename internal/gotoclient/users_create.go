package gotoclient

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
)

// CreateUsers is a batch of users to create. All fields but Users count for
// each of them. How large a batch may be is UNVERIFIED.
type CreateUsers struct {
	Users            []NewUser     `json:"users"`
	LicenseKeys      []Key         `json:"licenseKeys,omitempty"`
	GroupKey         Key           `json:"groupKey,omitempty"`
	AdminRoles       []string      `json:"adminRoles,omitempty"`
	ManagedGroupKeys []Key         `json:"managedGroupKeys,omitempty"`
	SuppressEmail    bool          `json:"suppressEmail"`
	EmailContent     *EmailContent `json:"emailContent,omitempty"`
}

// NewUser is one user to create.
type NewUser struct {
	Email     string `json:"email"`     // at most 128 characters (D)
	FirstName string `json:"firstName"` // at most 32 characters (D)
	LastName  string `json:"lastName"`  // at most 32 characters (D)
	Locale    string `json:"locale,omitempty"`
	TimeZone  string `json:"timeZone,omitempty"`
}

// EmailContent replaces the text of the welcome e-mail.
type EmailContent struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// CreatedUser is what became of one user of a batch.
type CreatedUser struct {
	Email string
	// Key is the new user's, or that of a formerly deleted user whose e-mail
	// address came back (D, L). It is empty if the user exists already or was not
	// created; a newer guide says that existing users are returned (D), so a key is
	// no proof that the user is new.
	Key Key
}

// Create adds users, each by itself: one that exists does not stop the others
// (allOrNothing=false: D). The result has one entry per user of the batch, in
// its order. On an error of IsAmbiguous the users may have been created; the
// service has no idempotency keys, so look before trying again.
func (s *UsersService) Create(ctx context.Context, batch CreateUsers) ([]CreatedUser, error) {
	if len(batch.Users) == 0 {
		return nil, nil
	}
	body, err := s.client.do(ctx, request{
		operation: OpCreateUsers, account: s.account,
		query: encodeQuery(url.Values{"allOrNothing": {"false"}}), body: batch,
	})
	if err != nil {
		return nil, err
	}
	answers, err := decodeCreated(body)
	if err != nil {
		return nil, newDecodeError(OpCreateUsers, err)
	}
	return matchCreated(batch.Users, answers), nil
}

// createdEntry is one entry of the answer to a create.
type createdEntry struct {
	Key   Key    `json:"key"`
	Email string `json:"email"`
}

// decodeCreated reads the answer to a create: an array of objects (D, L), or
// what sibling calls answer, an object or a bare key (C, L).
func decodeCreated(body []byte) ([]createdEntry, error) {
	data := bytes.TrimSpace(body)
	if len(data) == 0 || string(data) == "null" {
		return nil, unreadable("nothing says which users were created")
	}
	if data[0] != '[' {
		entry, err := decodeCreatedEntry(data)
		return []createdEntry{entry}, err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	entries := make([]createdEntry, len(raw))
	for i, r := range raw {
		var err error
		if entries[i], err = decodeCreatedEntry(r); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func decodeCreatedEntry(data []byte) (entry createdEntry, err error) {
	if data[0] == '{' {
		err = json.Unmarshal(data, &entry)
	} else {
		err = json.Unmarshal(data, &entry.Key)
	}
	if err == nil && entry.Key != "" && !entry.Key.Valid() {
		err = unreadable("a key has other characters than digits")
	}
	return entry, err
}

// matchCreated assigns the entries of an answer to the users that were sent: by
// e-mail address without case, and by position only where the entry has no
// address and there are as many entries as users.
func matchCreated(sent []NewUser, answers []createdEntry) []CreatedUser {
	out := make([]CreatedUser, len(sent))
	index := make(map[string]int, len(sent))
	for i, u := range sent {
		out[i].Email = u.Email
		if at := FoldEmail(u.Email); at != "" {
			if _, twice := index[at]; !twice {
				index[at] = i
			}
		}
	}
	claimed := make([]bool, len(sent))
	for _, a := range answers {
		if i, ok := index[FoldEmail(a.Email)]; ok && !claimed[i] {
			out[i].Key, claimed[i] = a.Key, true
		}
	}
	if len(answers) != len(sent) {
		return out
	}
	for i, a := range answers {
		if a.Email == "" && !claimed[i] {
			out[i].Key, claimed[i] = a.Key, true
		}
	}
	return out
}
