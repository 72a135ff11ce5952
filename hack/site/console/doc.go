// Package console tests the pages of goto-simulator's control port in a browser, as a newcomer meets them. It builds the
// program and imports nothing of it. With -screenshot it also writes the picture that the README shows.
package console
