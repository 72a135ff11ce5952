package account

import (
	"errors"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// debtor is a user who may have lost a setting for a product. What it was is owed from before a request that does not name it until one
// that does, or until it is shown to be there.
type debtor struct {
	key     gotoclient.Key
	product string
}

// owe notes that a setting is about to be left out. What could not be written back at once is a minute later, and every minute from then on.
func (c *settingsChanges) owe(it settingsItem, left string, value any) {
	who := debtor{it.key, it.product}
	c.debts.Store(who, gotoclient.Settings{left: value})
	go c.repay(who)
}

// repayAfter is the time between two attempts to write back what a user had.
const repayAfter = time.Minute

func (c *settingsChanges) repay(who debtor) {
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-time.After(repayAfter):
		}
		left := c.owing(who.key, who.product)
		if left == nil {
			return
		}
		if err := c.submit(c.ctx, "owed "+string(who.key), settingsItem{who.key, who.product, left}); errors.Is(err, ErrGone) {
			c.debts.Delete(who)
		}
	}
}

// owing is what a user had and may have lost; nil for nothing.
func (c *settingsChanges) owing(key gotoclient.Key, product string) gotoclient.Settings {
	left, _ := c.debts.Load(debtor{key, product})
	settings, _ := left.(gotoclient.Settings)
	return settings
}

// paid ends the debts to those to whom settings were written.
func (c *settingsChanges) paid(items []settingsItem, body gotoclient.Settings) {
	for _, it := range items {
		if left := c.owing(it.key, it.product); left != nil && body.Has(left) {
			c.debts.Delete(debtor{it.key, it.product})
		}
	}
}
