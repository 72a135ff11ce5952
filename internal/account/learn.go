package account

import (
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
)

// facts are what GoTo was found to do, as of now.
type facts struct {
	*knowledge.Service

	now func() time.Time
}

func (k facts) knows(f *knowledge.Fact) knowledge.Answer { return f.Answer(k.now()) }

func (k facts) learn(f *knowledge.Fact, yes bool) { f.Note(yes, k.now()) }

// learnIf notes what a read has shown to be so.
func (k facts) learnIf(shown bool, f *knowledge.Fact) {
	if shown {
		k.learn(f, true)
	}
}
