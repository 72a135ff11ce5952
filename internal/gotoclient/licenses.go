package gotoclient

import (
	"context"
	"encoding/json"
	"iter"
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

func (l *License) filterValue(f Field) (string, bool) { return string(l.Key), f == FieldKey }

// LicensesService reads the licences of one account.
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
	return pager[License]{client: s.client, operation: OpListLicenses, account: s.account, opts: opts, field: (*License).filterValue}
}
