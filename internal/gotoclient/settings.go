package gotoclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ProductAudio has settings, as ProductMeeting, ProductWebinar and ProductTraining
// have (D). The service shows others too, such as G2MFREE (L).
const ProductAudio = "OPENVOICE"

// Settings are those of one product, name to value: bool, float64, string or a
// list of strings, as JSON has them. For GoToMeeting the names and types are known
// (L), for other products UNVERIFIED.
type Settings map[string]any

// The ends of the names of what is the choice of an administrator and of what the
// licence or the account grants: xAccessible to xEnabled, allowedXCountries to
// xCountries (L; that they belong together so: C).
const (
	enabled    = "Enabled"
	accessible = "Accessible"
	countries  = "Countries"
	allowed    = "allowed"
)

// EntitlementOf returns the name of what says whether a setting, or which of its
// countries, may be chosen: voipAccessible for voipEnabled, allowedTollCountries for
// tollCountries. It is "" for a name of another kind; whether the service shows
// such an entitlement is another matter.
func EntitlementOf(name string) string {
	if IsEntitlement(name) {
		return ""
	}
	if x, is := strings.CutSuffix(name, enabled); is && x != "" {
		return x + accessible
	}
	if x, is := strings.CutSuffix(name, countries); is && x != "" {
		return allowed + strings.ToUpper(x[:1]) + x[1:] + countries
	}
	return ""
}

// IsEntitlement reports whether a setting is granted by licence or account, so that
// it can be read alone (C).
func IsEntitlement(name string) bool {
	return strings.HasSuffix(name, accessible) || strings.HasPrefix(name, allowed) && strings.HasSuffix(name, countries)
}

// Choices are the settings without the entitlements: what can be written.
func (s Settings) Choices() Settings {
	choices := maps.Clone(s)
	maps.DeleteFunc(choices, func(name string, _ any) bool { return IsEntitlement(name) })
	return choices
}

// With returns the settings with others in their place.
func (s Settings) With(set Settings) Settings {
	out := make(Settings, len(s)+len(set))
	maps.Copy(out, s)
	maps.Copy(out, set)
	return out
}

// Has reports whether the settings say what set says. Lists are equal whatever
// their order, since those that are known have none.
func (s Settings) Has(set Settings) bool {
	for name, want := range set {
		if is, there := s[name]; !there || !SameSetting(is, want) {
			return false
		}
	}
	return true
}

// SameSetting reports whether two values of a setting are the same.
func SameSetting(a, b any) bool {
	x, err1 := json.Marshal(ordered(a))
	y, err2 := json.Marshal(ordered(b))
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// ordered returns a list in an order that is the same for equal ones, and every
// other value as it is.
func ordered(v any) any {
	switch list := v.(type) {
	case []string:
		texts := append([]string{}, list...)
		slices.Sort(texts)
		return texts
	case []any:
		texts := make([]string, len(list))
		for i, item := range list {
			text, is := item.(string)
			if !is {
				return v
			}
			texts[i] = text
		}
		slices.Sort(texts)
		return texts
	}
	return v
}

// SettingsOf returns what the record shows of the settings for a product; nil if
// that is nothing, or unreadable.
func (u *User) SettingsOf(product string) Settings {
	var all map[string]json.RawMessage
	if json.Unmarshal(u.Settings, &all) != nil || len(all[product]) == 0 {
		return nil
	}
	var settings Settings
	if json.Unmarshal(all[product], &settings) != nil {
		return nil
	}
	return settings
}

// SettingsService reads and writes the settings of one account: of its users, of
// those who come, and of the account. That the service has these operations is
// documented (D); each path, verb, body and answer is UNVERIFIED, and so is whether a
// write leaves settings alone that it does not name. So a write is an
// *[UnverifiedError] unless Config.Unverified or an override allows it, and a 404 is
// an error of IsNoSuchPath.
//
// The levels overwrite what is below and do not inherit (D): a write for the
// account, a group or a licence changes the users' own settings then, and users who
// come later begin with those for new users. Users' settings are read with the
// users: see User.Settings.
type SettingsService struct {
	client  *Client
	account Key
	wrapped bool
}

// Settings returns the service for the settings of an account.
func (c *Client) Settings(account Key) *SettingsService {
	return &SettingsService{client: c, account: account}
}

// Wrapped returns a service that sends settings as a member named by their product,
// as users show them (L), in the place of the settings alone. Which of the two the
// operations want is UNVERIFIED; answers are understood in both forms.
func (s *SettingsService) Wrapped() *SettingsService {
	wrapped := *s
	wrapped.wrapped = true
	return &wrapped
}

// MayUpdateUsers returns the *[UnverifiedError] of UpdateUsers, or nil. It sends
// nothing.
func (s *SettingsService) MayUpdateUsers() error { return s.client.deny(OpUpdateUserSettings) }

// UpdateUsers writes the settings of users for a product. Several users in one
// request are UNVERIFIED: the service may change the first alone, so read them back.
// Without users or settings nothing is sent.
func (s *SettingsService) UpdateUsers(ctx context.Context, users []Key, product string, set Settings) error {
	if len(users) == 0 {
		return nil
	}
	return s.write(ctx, request{operation: OpUpdateUserSettings, keys: users}, product, set)
}

// UpdateGroup writes the settings of the members of a group and of the groups below
// (D). The operator does not use it: it manages a user's settings on the user alone.
func (s *SettingsService) UpdateGroup(ctx context.Context, group Key, product string, set Settings) error {
	return s.write(ctx, request{operation: OpUpdateGroupSettings, keys: []Key{group}}, product, set)
}

// UpdateLicense writes the settings of those who have a licence (D). The operator
// does not use it, as UpdateGroup.
func (s *SettingsService) UpdateLicense(ctx context.Context, license Key, product string, set Settings) error {
	return s.write(ctx, request{operation: OpUpdateLicenseSettings, keys: []Key{license}}, product, set)
}

// NewUsers returns the settings with which users who come begin.
func (s *SettingsService) NewUsers(ctx context.Context, product string) (Settings, error) {
	return s.read(ctx, OpGetNewUserSettings, product)
}

// UpdateNewUsers writes the settings with which users who come begin.
func (s *SettingsService) UpdateNewUsers(ctx context.Context, product string, set Settings) error {
	return s.write(ctx, request{operation: OpUpdateNewUserSettings}, product, set)
}

// MayUpdateNewUsers returns the *[UnverifiedError] of UpdateNewUsers, or nil. It sends
// nothing.
func (s *SettingsService) MayUpdateNewUsers() error { return s.client.deny(OpUpdateNewUserSettings) }

// MayUpdateAccount returns the *[UnverifiedError] of UpdateAccount, or nil. It sends
// nothing.
func (s *SettingsService) MayUpdateAccount() error { return s.client.deny(OpUpdateAccountSettings) }

// Account returns the settings of the account.
func (s *SettingsService) Account(ctx context.Context, product string) (Settings, error) {
	return s.read(ctx, OpGetAccountSettings, product)
}

// UpdateAccount writes the settings of the account. Whether that overwrites those of
// all users, or of new ones alone, is said by an administrator in the console (D);
// what a request does is UNVERIFIED.
func (s *SettingsService) UpdateAccount(ctx context.Context, product string, set Settings) error {
	return s.write(ctx, request{operation: OpUpdateAccountSettings}, product, set)
}

// TollCountries returns the countries with toll numbers that the account may offer,
// as codes of ISO 3166 (their form: L in users' settings).
func (s *SettingsService) TollCountries(ctx context.Context, product string) ([]string, error) {
	return s.countries(ctx, OpListTollCountries, product)
}

// TollFreeCountries is TollCountries for toll-free numbers.
func (s *SettingsService) TollFreeCountries(ctx context.Context, product string) ([]string, error) {
	return s.countries(ctx, OpListTollFreeCountries, product)
}

func (s *SettingsService) write(ctx context.Context, r request, product string, set Settings) error {
	if len(set) == 0 {
		return nil
	}
	r.account, r.product, r.body = s.account, product, set
	if s.wrapped {
		r.body = map[string]Settings{product: set}
	}
	_, err := s.client.do(ctx, r)
	return err
}

func (s *SettingsService) read(ctx context.Context, operation, product string) (Settings, error) {
	var members map[string]json.RawMessage
	if err := s.client.get(ctx, request{operation: operation, account: s.account, product: product}, &members); err != nil {
		return nil, err
	}
	if inner, is := members[product]; is && len(members) == 1 {
		return decodeSettings(operation, inner)
	}
	settings := make(Settings, len(members))
	for name, value := range members {
		var v any
		if err := json.Unmarshal(value, &v); err != nil {
			return nil, newDecodeError(operation, err)
		}
		settings[name] = v
	}
	return settings, nil
}

func decodeSettings(operation string, data []byte) (Settings, error) {
	var settings Settings
	if err := json.Unmarshal(data, &settings); err != nil {
		return nil, newDecodeError(operation, err)
	}
	return settings, nil
}

// countries reads a list of codes: an array, or an envelope as lists of records
// have it.
func (s *SettingsService) countries(ctx context.Context, operation, product string) ([]string, error) {
	body, err := s.client.do(ctx, request{operation: operation, account: s.account, product: product})
	if err != nil {
		return nil, err
	}
	page, err := decodePage[string](body, nil)
	if err != nil {
		return nil, newDecodeError(operation, err)
	}
	return page.Results, nil
}

// ErrInvalidProduct says that a product code has other characters than capital
// letters and digits; nothing was sent.
var ErrInvalidProduct = errors.New("a product code must consist of capital letters and digits")

// checkProduct refuses a code that cannot stand in a path.
func checkProduct(operation, product string) error {
	const code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	if product == "" || strings.Trim(product, code) != "" {
		return fmt.Errorf("gotoclient: %s: %w", operation, ErrInvalidProduct)
	}
	return nil
}
