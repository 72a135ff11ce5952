// Package site tests the documentation site that hack/site.sh builds, as a reader meets it: every link and anchor leads
// somewhere, every page is in the navigation, and a browser shows each without an error and without asking elsewhere. It is
// a module of its own, so that the operator does not depend on a browser's protocol; it imports nothing of the operator. The
// console of the simulator is tested beside it, with the same browser.
package site
