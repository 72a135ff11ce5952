package gotoclient

import (
	"bytes"
	"context"
	"net/url"
	"strings"
)

// The products of organizers (D).
const (
	ProductMeeting   = "G2M"
	ProductWebinar   = "G2W" // brings G2M with it (D)
	ProductTraining  = "G2T" // likewise
	ProductOpenVoice = "OPENVOICE"
)

// Organizer is a user as the GoToMeeting API shows them; the key is the same as in
// the Admin API (D, C).
type Organizer struct {
	// Key is "" before the invitation is accepted, on a service of old (D).
	Key                        Key
	Email, FirstName, LastName string
	GroupKey                   Key
	GroupName                  string
	Status                     OrganizerStatus
	Products                   []string
	MaxAttendees               int
}

// OrganizerStatus says whether an organizer has a product (D).
type OrganizerStatus string

// The values of OrganizerStatus (D).
const (
	OrganizerActive    OrganizerStatus = "active"
	OrganizerSuspended OrganizerStatus = "suspended" // has no products
)

func decodeOrganizer(o *wireObject) Organizer {
	out := Organizer{
		Key: o.key("organizerKey"), Email: o.text("email"), FirstName: o.text("firstName"), LastName: o.text("lastName"),
		GroupKey: o.key("groupId"), GroupName: o.text("groupName"),
		Status:       OrganizerStatus(strings.ToLower(o.text("status"))),
		MaxAttendees: int(o.number("maxNumAttendeesAllowed")),
	}
	out.Products = o.texts("products")
	return out
}

// NewOrganizer is an organizer to invite.
type NewOrganizer struct {
	Email     string `json:"organizerEmail"`
	FirstName string `json:"firstName"` // at most 25 characters (D)
	LastName  string `json:"lastName"`  // at most 25 characters (D)
	Product   string `json:"productType"`
}

// organizerChange is the body of an update: one of the two (D).
type organizerChange struct {
	Status  OrganizerStatus `json:"status,omitempty"`
	Product string          `json:"productType,omitempty"`
}

// OrganizersService reads and writes organizers, and what they hold. The token
// needs the scopes "collab:" and "identity:" and its user an administrator's role
// (D); without a role one may read oneself. GoTo has deprecated the writes, Get and
// List in favour of the Admin API (D).
type OrganizersService struct {
	client *Client
}

// Organizers returns the service for the organizers of the caller's account.
func (c *Client) Organizers() *OrganizersService { return &OrganizersService{c} }

// Create invites an organizer, who gets a mail (D), and returns the new key, or ""
// if the service gives none before the invitation is accepted (D, old). An active
// organizer of the e-mail is an error of IsConflict (D). On an error of IsAmbiguous
// the organizer may have been created: look for the e-mail before trying again.
func (s *OrganizersService) Create(ctx context.Context, organizer NewOrganizer) (Key, error) {
	return createOrganizer(ctx, s.client, request{operation: OpCreateOrganizer, body: organizer})
}

func createOrganizer(ctx context.Context, c *Client, r request) (Key, error) {
	body, err := c.do(ctx, r)
	if err != nil {
		return "", err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return "", nil
	}
	objects, err := decodeArray(body)
	if err == nil && len(objects) > 1 {
		err = unreadable("expected an array of one organizer")
	}
	if err != nil {
		return "", newDecodeError(r.operation, err)
	}
	if len(objects) == 0 {
		return "", nil
	}
	key := objects[0].key("key", "organizerKey")
	if objects[0].err != nil {
		return "", newDecodeError(r.operation, objects[0].err)
	}
	return key, nil
}

// List returns all organizers (D).
func (s *OrganizersService) List(ctx context.Context) ([]Organizer, error) {
	return list(ctx, s.client, request{operation: OpListOrganizers}, decodeOrganizer)
}

// FindByEmail returns the organizers of an e-mail, none if nobody has it: whether
// the service then answers 404 or an empty list is UNVERIFIED, so that none is a sign
// and no proof. Those that have another e-mail are left out, in case the service did
// not look.
func (s *OrganizersService) FindByEmail(ctx context.Context, email string) ([]Organizer, error) {
	all, err := list(ctx, s.client, request{operation: OpListOrganizers, query: encodeQuery(url.Values{"email": {email}})}, decodeOrganizer)
	if IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []Organizer
	for _, o := range all {
		if SameEmail(o.Email, email) {
			found = append(found, o)
		}
	}
	return found, nil
}

// Get returns an organizer (D).
func (s *OrganizersService) Get(ctx context.Context, key Key) (*Organizer, error) {
	found, err := list(ctx, s.client, request{operation: OpGetOrganizer, keys: []Key{key}}, decodeOrganizer)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 || found[0].Key != key {
		return nil, newDecodeError(OpGetOrganizer, errOtherKey)
	}
	return &found[0], nil
}

// AddProduct gives an organizer one product, which ends a suspension (D). What is
// said for want of a seat is UNVERIFIED: an error of IsRefused.
func (s *OrganizersService) AddProduct(ctx context.Context, key Key, product string) error {
	return s.change(ctx, key, organizerChange{Product: product})
}

// Suspend takes all products from an organizer (D). History and key stay (D).
func (s *OrganizersService) Suspend(ctx context.Context, key Key) error {
	return s.change(ctx, key, organizerChange{Status: OrganizerSuspended})
}

func (s *OrganizersService) change(ctx context.Context, key Key, body organizerChange) error {
	_, err := s.client.do(ctx, request{operation: OpUpdateOrganizer, keys: []Key{key}, body: body})
	return err
}

// Delete removes an organizer from the account (D), as deleting the user does. That
// the organizer is already gone is an error of IsNotFound, also where an earlier
// attempt of this very call may have removed it.
func (s *OrganizersService) Delete(ctx context.Context, key Key) error {
	return s.client.remove(ctx, request{operation: OpDeleteOrganizer, keys: []Key{key}})
}

// DeleteByEmail removes the organizer of an e-mail (D). What is said of an e-mail
// that nobody has is UNVERIFIED: nothing, or an error of IsRefused, which may be one
// of IsNotFound.
func (s *OrganizersService) DeleteByEmail(ctx context.Context, email string) error {
	return s.client.remove(ctx, request{operation: OpDeleteOrganizerByEmail, query: encodeQuery(url.Values{"email": {email}})})
}
