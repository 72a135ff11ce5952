// Command managed says what removing the operator, or its CRDs, would leave behind: the objects that hold something in GoTo.
// It asks the cluster that kubectl asks.
//
//	go run ./hack/managed --kubectl kubectl check     lists them, and fails if there are any
//	go run ./hack/managed --kubectl kubectl release   lets them go, and leaves GoTo as it is
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// errManaged is all that there is to say after the list.
var errManaged = errors.New("nothing was removed")

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("managed", flag.ContinueOnError)
	command := flags.String("kubectl", "kubectl", "the kubectl to ask with, and its options")
	if err := flags.Parse(args); err != nil {
		return err
	}
	k := kubectl(strings.Fields(*command))
	all, err := k.objects(ctx)
	if err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "check":
		return check(all, out)
	case "release":
		return k.release(ctx, all, out)
	}
	return errors.New("usage: managed [--kubectl COMMAND] check|release")
}

// check fails if an object holds something in GoTo, and says what can be done.
func check(all []object, out io.Writer) error {
	held := managed(all)
	if len(held) == 0 {
		return nil
	}
	fmt.Fprintf(out, "%s\n%s%s\n", headline(held), table(held), advice)
	return errManaged
}

const advice = `
Without the operator nothing manages their counterparts in GoTo any more, and the objects cannot be deleted: the operator's
finalizer keeps them. So, before it is removed:

- To delete with the objects what the operator created: delete them while the operator runs, the GoToAccounts last. The
  account's deletion brake applies; kubectl get gotoaccounts says what waits for an approval.
- To keep everything in GoTo: set spec.deletionPolicy: Orphan on the objects, and then delete them while the operator runs.
- To have it done for all of them at once, leaving GoTo as it is: the same command with FORCE=1. The objects are lost with
  their CRDs; keep a copy (kubectl get goto -A -o yaml) to manage the same users again later.
`
