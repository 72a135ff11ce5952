package account

import "github.com/goto-operator/goto-operator/internal/account/knowledge"

func (a *Account) knows(f *knowledge.Fact) knowledge.Answer { return f.Answer(a.opts.Now()) }

func (a *Account) learn(f *knowledge.Fact, yes bool) { f.Note(yes, a.opts.Now()) }

// learnIf notes what a read has shown to be so.
func (a *Account) learnIf(shown bool, f *knowledge.Fact) {
	if shown {
		a.learn(f, true)
	}
}
