package gotoclient

import "context"

// Account is an account. Accounts are neither created nor deleted through the
// API (D).
type Account struct {
	Key  Key    `json:"key"`
	Name string `json:"name"`
	// HasAdminAccess is false where no user may be given admin roles (D); nil if
	// the service did not say.
	HasAdminAccess *bool    `json:"hasAdminAccess"`
	Products       []string `json:"products"`
}

func (a *Account) key() Key { return a.Key }

// AccountPatch names what Update is to change; nil means unchanged.
// Which fields the service lets change is UNVERIFIED.
type AccountPatch struct {
	Name *string `json:"name,omitempty"`
}

// AccountsService reads and changes accounts.
type AccountsService struct {
	client *Client
}

// Accounts returns the service for accounts.
func (c *Client) Accounts() *AccountsService { return &AccountsService{c} }

// List returns the accounts that the administrator can see. The operation
// is weakly attested (C); the accounts of Me are the better source.
func (s *AccountsService) List(ctx context.Context) ([]Account, error) {
	var accounts []Account
	for a, err := range (pager[Account]{client: s.client, operation: OpListAccounts, key: (*Account).key}).items(ctx) {
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	return accounts, nil
}

// Get returns one account.
func (s *AccountsService) Get(ctx context.Context, key Key) (*Account, error) {
	var account Account
	if err := s.client.get(ctx, request{operation: OpGetAccount, account: key}, &account); err != nil {
		return nil, err
	}
	return &account, nil
}

// Update changes an account. An empty patch sends nothing.
func (s *AccountsService) Update(ctx context.Context, key Key, patch AccountPatch) error {
	if patch == (AccountPatch{}) {
		return nil
	}
	_, err := s.client.do(ctx, request{operation: OpUpdateAccount, account: key, body: patch})
	return err
}

// Products returns the codes of the products that an account has, such as "G2M". That there is such a call is
// UNVERIFIED: GoTo's table of contents names products without a path; where there is
// none, the error is one of IsNoSuchPath. It is for whoever asks what an account may
// have before it has licences; what its licences give, List of Licenses tells (D),
// and what its administrator has, Me (L).
func (s *AccountsService) Products(ctx context.Context, key Key) ([]string, error) {
	body, err := s.client.do(ctx, request{operation: OpGetProducts, account: key})
	if err != nil {
		return nil, err
	}
	page, err := decodePage[string](body, nil)
	if err != nil {
		return nil, newDecodeError(OpGetProducts, err)
	}
	return page.Results, nil
}
