package gotoclient

import (
	"context"
	"iter"
)

// Attribute is a custom field of the users of an account (D).
type Attribute struct {
	Key  Key    `json:"key,omitempty"`
	Name string `json:"name"`
}

// Template is a welcome e-mail that can be chosen when a user is added (D).
type Template struct {
	Key     Key    `json:"key,omitempty"`
	Title   string `json:"title"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

func (a *Attribute) key() Key { return a.Key }
func (t *Template) key() Key  { return t.Key }

// DefinitionsService reads and writes what an account defines for all its users:
// attributes or templates. Both are served alike.
type DefinitionsService[T any] struct {
	client  *Client
	account Key
	ops     definitionOps
	key     func(*T) Key
}

// definitionOps are the operations on one kind of definitions.
type definitionOps struct{ list, create, get, update, remove string }

// Attributes returns the service for the custom attributes of an account.
func (c *Client) Attributes(account Key) *DefinitionsService[Attribute] {
	ops := definitionOps{OpListAttributes, OpCreateAttribute, OpGetAttribute, OpUpdateAttribute, OpDeleteAttribute}
	return &DefinitionsService[Attribute]{c, account, ops, (*Attribute).key}
}

// Templates returns the service for the welcome e-mail templates of an account.
func (c *Client) Templates(account Key) *DefinitionsService[Template] {
	ops := definitionOps{OpListTemplates, OpCreateTemplate, OpGetTemplate, OpUpdateTemplate, OpDeleteTemplate}
	return &DefinitionsService[Template]{c, account, ops, (*Template).key}
}

// Pages returns the pages of the list (C). It can be ranged more than once; each
// time the list is read anew. After an error there is nothing more.
func (s *DefinitionsService[T]) Pages(ctx context.Context, opts ListOptions) iter.Seq2[*Page[T], error] {
	return pager[T]{client: s.client, operation: s.ops.list, account: s.account, opts: opts, key: s.key}.pages(ctx)
}

// Get returns one. Its path is UNVERIFIED: where it is another, the error is one of
// IsNoSuchPath, which says nothing of the thing.
func (s *DefinitionsService[T]) Get(ctx context.Context, key Key) (*T, error) {
	var found T
	if err := s.client.get(ctx, request{operation: s.ops.get, account: s.account, keys: []Key{key}}, &found); err != nil {
		return nil, err
	}
	if s.key(&found) != key {
		return nil, newDecodeError(s.ops.get, errOtherKey)
	}
	return &found, nil
}

// Create adds one, of which the key is empty, and returns the key (L of attributes, C
// of templates). Whether a name or title that is taken is an error of IsConflict is
// UNVERIFIED. On an error of IsAmbiguous it may have been created: look for it before
// trying again.
func (s *DefinitionsService[T]) Create(ctx context.Context, what T) (Key, error) {
	body, err := s.client.do(ctx, request{operation: s.ops.create, account: s.account, body: what})
	if err != nil {
		return "", err
	}
	key, err := decodeCreatedKey(body)
	if err != nil {
		return "", newDecodeError(s.ops.create, err)
	}
	return key, nil
}

// Update gives one other content, whole; the key of what is empty. That it can be
// changed is stated (D), path and verb are UNVERIFIED, so it is an *[UnverifiedError]
// unless Config.Unverified or an override allows it.
func (s *DefinitionsService[T]) Update(ctx context.Context, key Key, what T) error {
	_, err := s.client.do(ctx, request{operation: s.ops.update, account: s.account, keys: []Key{key}, body: what})
	return err
}

// Delete removes one. What is said of paths of Update holds here as well. What becomes
// of the users' values of an attribute is UNVERIFIED. That it is already gone is an
// error of IsNotFound where an override vouches for the path, unless an earlier attempt
// of this very call may have removed it.
func (s *DefinitionsService[T]) Delete(ctx context.Context, key Key) error {
	keys := []Key{key}
	_, err := s.client.do(ctx, request{operation: s.ops.remove, account: s.account, keys: keys})
	if err != nil && allAbsent(err, keys) && IsAmbiguous(err) {
		return nil
	}
	return err
}
