package state

import "slices"

// Licenses are the licences of an account.
type Licenses []License

// Get returns the licence with that key, nil if there is none.
func (l Licenses) Get(key string) *License {
	if i := slices.IndexFunc(l, func(l License) bool { return l.Key == key }); i >= 0 {
		return &l[i]
	}
	return nil
}

// clone copies the licences deeply.
func (l Licenses) clone() Licenses {
	out := slices.Clone(l)
	for i := range out {
		out[i].Products = slices.Clone(out[i].Products)
	}
	return out
}

// products returns the product codes of the licences with those keys, each once.
func (l Licenses) products(keys []string) []string {
	var codes []string
	for _, key := range keys {
		if license := l.Get(key); license != nil {
			for _, code := range license.Products {
				if !slices.Contains(codes, code) {
					codes = append(codes, code)
				}
			}
		}
	}
	return codes
}
