package site

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// built is the site as hack/site.sh leaves it.
const built = "../../dist/site"

// page is what can be linked to and what links from it.
type page struct {
	ids, links []string
	nav        []string // links of the navigation alone
}

func read(t *testing.T) map[string]*page {
	t.Helper()
	names, err := fs.Glob(os.DirFS(built), "*.html")
	if err != nil || len(names) == 0 {
		t.Fatalf("no site in %s (make docs): %v", built, err)
	}
	pages := map[string]*page{}
	err = fs.WalkDir(os.DirFS(built), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".html" {
			pages[name] = parse(t, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func parse(t *testing.T, name string) *page {
	t.Helper()
	in, err := os.Open(path.Join(built, name))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	root, err := html.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	p := &page{}
	for node := range root.Descendants() {
		p.add(node)
	}
	return p
}

func (p *page) add(node *html.Node) {
	for _, attribute := range node.Attr {
		switch attribute.Key {
		case "id":
			p.ids = append(p.ids, attribute.Val)
		case "href", "src":
			p.links = append(p.links, attribute.Val)
			if strings.Contains(class(node), "md-nav__link") {
				p.nav = append(p.nav, attribute.Val)
			}
		}
	}
}

func class(node *html.Node) string {
	for _, attribute := range node.Attr {
		if attribute.Key == "class" {
			return attribute.Val
		}
	}
	return ""
}

// target is the file and the anchor that a link on a page leads to; ok is false for one that leaves the site.
func target(t *testing.T, from, link string) (file, anchor string, ok bool) {
	t.Helper()
	to, err := url.Parse(link)
	if err != nil {
		t.Errorf("%s: %v", from, err)
		return "", "", false
	}
	if to.Scheme != "" || to.Host != "" {
		return "", "", false
	}
	file = strings.TrimPrefix((&url.URL{Path: "/" + from}).ResolveReference(to).Path, "/")
	if file == "" || strings.HasSuffix(file, "/") {
		file += "index.html"
	}
	return file, to.Fragment, true
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	pages, links := read(t), 0
	for from, p := range pages {
		for _, link := range p.links {
			file, anchor, ok := target(t, from, link)
			if !ok {
				continue
			}
			links++
			if _, err := os.Stat(path.Join(built, file)); err != nil {
				t.Errorf("%s links to %q: no such file", from, link)
			} else if to := pages[file]; anchor != "" && to != nil && !slices.Contains(to.ids, anchor) {
				t.Errorf("%s links to %q: no such heading", from, link)
			}
		}
	}
	t.Logf("%d pages, %d links within the site", len(pages), links)
}

func TestEveryPageIsInTheNavigation(t *testing.T) {
	pages := read(t)
	found := map[string]bool{"404.html": true}
	for _, link := range pages["index.html"].nav {
		if file, _, ok := target(t, "index.html", link); ok {
			found[file] = true
		}
	}
	for name := range pages {
		if !found[name] {
			t.Errorf("%s is not in the navigation: name it in mkdocs.yml", name)
		}
	}
}
