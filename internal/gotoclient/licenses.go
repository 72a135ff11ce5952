package gotoclient

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strconv"
)

// License is a bought product with its seats (D; no captured answer is known).
type License struct {
	Key                  Key    `json:"key"`
	ConcurrentLicenseKey Key    `json:"concurrentLicenseKey"` // "0" or empty if there is none
	Seats                int    `json:"seats"`                // bought; how "unlimited" looks is UNVERIFIED
	UserCount            int    `json:"userCount"`            // assigned
	Enabled              bool   `json:"enabled"`
	Description          string `json:"description"`
	Type                 string `json:"type"` // values UNVERIFIED
	Channel              string `json:"channel"`
	UserKeys             []Key  `json:"userKeys"`
	InvitedUserKeys      []Key  `json:"invitedUserKeys"`
	DeviceKeys           []Key  `json:"deviceKeys"`
	DeviceCount          int    `json:"deviceCount"`
	// Products has two entries for webinar and training licences: themselves and
	// meetings (L).
	Products          []string        `json:"products"`
	ChildLicenseKeys  []Key           `json:"childLicenseKeys"`
	Entitlements      json.RawMessage `json:"entitlements"` // object by product code in lower case
	DevicesOnly       bool            `json:"devicesOnly"`
	DevicesAllowed    bool            `json:"devicesAllowed"`
	ExternallyManaged bool            `json:"externallyManaged"`
}

func (l *License) key() Key { return l.Key }

// LicensesService reads the licences of one account, and takes and gives their
// seats.
type LicensesService struct {
	client  *Client
	account Key
}

// Licenses returns the service for the licences of an account.
func (c *Client) Licenses(account Key) *LicensesService { return &LicensesService{c, account} }

// Pages returns the pages of the list. It can be ranged more than once; each
// time the list is read anew. After an error there is nothing more.
func (s *LicensesService) Pages(ctx context.Context, opts ListOptions) iter.Seq2[*Page[License], error] {
	return s.pager(opts).pages(ctx)
}

// List returns the licences one by one, in the manner of Pages.
func (s *LicensesService) List(ctx context.Context, opts ListOptions) iter.Seq2[License, error] {
	return s.pager(opts).items(ctx)
}

func (s *LicensesService) pager(opts ListOptions) pager[License] {
	return pager[License]{client: s.client, operation: OpListLicenses, account: s.account, opts: opts, key: (*License).key}
}

// Get returns one licence. That there is such a call is UNVERIFIED: it is assumed from
// the calls that there are for users and groups; where there is none, the error is
// one of IsNoSuchPath. It is for whoever looks at one licence of an account of many;
// what the list shows of it is all that is known of its members (D).
func (s *LicensesService) Get(ctx context.Context, license Key) (*License, error) {
	var l License
	if err := s.client.get(ctx, request{operation: OpGetLicense, account: s.account, keys: []Key{license}}, &l); err != nil {
		return nil, err
	}
	if l.Key != license {
		return nil, newDecodeError(OpGetLicense, unreadable("it is another licence, or none"))
	}
	return &l, nil
}

// RemoveSeat takes a seat of the licence from the user (C, one source). With
// suppressEmail the service is asked to send the user no mail about it; whether
// it listens is UNVERIFIED. A user left with neither licence nor role reads
// SUSPENDED (L).
//
// What the service says of a user without such a seat is UNVERIFIED, success or
// an error of IsRefused; so read the user or the licence before taking the error
// for a failure, all the more when IsAmbiguous says that an earlier attempt of
// this call may have taken the seat. An unknown user is told by HasCode with
// CodeUserNotFound; an unknown licence has no known code. IsNotFound never
// holds: which of the two is missing would be a guess.
//
// The LicenseKeys of UsersService.Update do the same with better evidence.
func (s *LicensesService) RemoveSeat(ctx context.Context, license, user Key, suppressEmail bool) error {
	_, err := s.client.do(ctx, request{
		operation: OpRemoveSeat, account: s.account, of: license, keys: []Key{user},
		query: encodeQuery(url.Values{"suppressEmail": {strconv.FormatBool(suppressEmail)}}),
	})
	return err
}

// AddSeat gives a seat of the licence to the user. That there is such a call is
// UNVERIFIED: it is assumed from RemoveSeat. So it is an *[UnverifiedError] unless
// Config.Unverified or an override allows it, and where there is no such call the
// error is one of IsNoSuchPath. UsersService.Update with LicenseKeys is what is known
// to work (C).
//
// That no seat is free is an error of IsRefused, of which neither status nor code
// is known. Giving a seat twice is giving it once.
func (s *LicensesService) AddSeat(ctx context.Context, license, user Key) error {
	_, err := s.client.do(ctx, request{operation: OpAddSeat, account: s.account, of: license, keys: []Key{user}})
	return err
}
