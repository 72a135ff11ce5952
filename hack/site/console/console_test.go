package console

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/goto-operator/goto-operator/hack/site/browser"
)

var screenshot = flag.String("screenshot", "", "write a picture of the list of users to this `file`")

// patience is how long the browser may take for one thing.
const patience = time.Minute

// simulator builds goto-simulator and runs it until the test ends. It returns the addresses of its API and its control port.
func simulator(t *testing.T) (api, control string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "goto-simulator")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/goto-simulator")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), binary, "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0")
	stdout, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for _, into := range []*string{&api, &control} {
		if !lines.Scan() {
			t.Fatal("the simulator does not say where it serves")
		}
		_, address, _ := strings.Cut(lines.Text(), "http://")
		*into = "http://" + address
	}
	return api, control
}

// visit is a browser at the console.
type visit struct {
	*browser.Complaints
	t   *testing.T
	ctx context.Context // the browser's, which all that is done runs on
	api string
}

func open(t *testing.T) *visit {
	t.Helper()
	api, control := simulator(t)
	c := &browser.Complaints{Site: control}
	ctx, cancel := context.WithTimeout(browser.Open(t, c), patience)
	t.Cleanup(cancel)
	return &visit{c, t, ctx, api}
}

// do acts, and fails where an act does or the browser complains.
func (v *visit) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	err := chromedp.Do(v.ctx, actions...)
	if all := v.Take(); err != nil || len(all) > 0 {
		v.t.Fatalf("%s: %v\n%s", what, err, strings.Join(all, "\n"))
	}
}

func ask[T any](v *visit, what string, action chromedp.Action[T]) T {
	v.t.Helper()
	answer, err := chromedp.Run(v.ctx, action)
	if all := v.Take(); err != nil || len(all) > 0 {
		v.t.Fatalf("%s: %v\n%s", what, err, strings.Join(all, "\n"))
	}
	return answer
}

// typeIn puts a text into a field, in the place of what is there.
func (v *visit) typeIn(field, text string) {
	v.t.Helper()
	input := chromedp.CSS("#field-" + field)
	v.do("typing into "+field, chromedp.Clear(input), chromedp.SendKeys(input, text))
}

// save sends the form and returns what the page then says was done.
func (v *visit) save() string {
	v.t.Helper()
	v.do("saving", chromedp.Click(chromedp.CSS("button.main")), chromedp.WaitVisible(chromedp.CSS(".done")))
	return ask(v, "what was done", chromedp.Text(chromedp.CSS(".done")))
}

// row is the line of a table whose header is that text.
func (v *visit) row(header string) string {
	v.t.Helper()
	return ask(v, "the row of "+header, chromedp.Text(chromedp.Search(fmt.Sprintf("//tr[th[normalize-space()=%q]]", header))))
}

// addUser fills in the form of a new user, who is in no group and has no licence.
func (v *visit) addUser(first, last string) {
	v.t.Helper()
	v.do("the form", chromedp.Click(link("Users")), chromedp.Click(link("Add a user")), chromedp.WaitVisible(chromedp.CSS("#field-email")))
	v.typeIn("email", strings.ToLower(first+"."+last)+"@example.test")
	v.typeIn("firstName", first)
	v.typeIn("lastName", last)
	if said := v.save(); said != "Added." {
		v.t.Errorf("the console says %q of a new user", said)
	}
}

func link(text string) chromedp.Search {
	return chromedp.Search(fmt.Sprintf("//a[normalize-space()=%q]", text))
}

// contrast finds the texts that stand out too little: less than 4.5 to 1, as WCAG 2 asks for (1.4.3).
const contrast = `(() => {
  const parse = text => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(e.tagName + ' ' + e.textContent.trim());
  }
  return poor.join('; ');
})()`

func TestTheConsoleInABrowser(t *testing.T) {
	v := open(t)
	v.do("the control port", chromedp.Navigate(v.Site+"/"))
	if at := ask(v, "where it leads", chromedp.Evaluate[string]("location.pathname")); at != "/console/" {
		t.Fatalf("the control port leads to %s", at)
	}
	for _, page := range []string{"Overview", "Users", "Groups", "Licences", "Meetings", "Requests", "Faults", "Switches"} {
		v.do(page, chromedp.Click(link(page)), chromedp.WaitVisible(chromedp.Search(fmt.Sprintf("//h1[.=%q]", page))))
		if said := ask(v, page, chromedp.Text(chromedp.CSS(".simulation"))); !strings.Contains(said, "This is a simulation.") {
			t.Errorf("%s says %q", page, said)
		}
		if poor := ask(v, page, chromedp.Evaluate[string](contrast)); poor != "" {
			t.Errorf("%s: hard to read: %s", page, poor)
		}
	}
}

func TestAUserIsChangedInABrowser(t *testing.T) {
	v := open(t)
	v.do("the console", chromedp.Navigate(v.Site+"/console/"))
	v.addUser("Fay", "Field")
	v.do("the user", chromedp.Click(link("fay.field@example.test")), chromedp.WaitVisible(chromedp.CSS("#field-lastName")))
	v.typeIn("lastName", "Forest")
	v.do("a licence", chromedp.Click(chromedp.Search("//label[contains(., 'GoToMeeting Business')]/input")))
	if said := v.save(); said != "Saved." {
		t.Errorf("the console says %q", said)
	}
	if row := v.row("fay.field@example.test"); !strings.Contains(row, "Fay Forest") || !strings.Contains(row, "GoToMeeting Business") {
		t.Errorf("the list says %q", row)
	}
	const row = "//tr[contains(., 'Forest')]"
	v.do("deleting", chromedp.Click(chromedp.Search(row+"//button")), chromedp.WaitNotPresent(chromedp.Search(row)), chromedp.WaitVisible(chromedp.CSS(".done")))
	if all := ask(v, "the list", chromedp.Text(chromedp.CSS("table"))); strings.Contains(all, "Forest") {
		t.Errorf("the list still says %q", all)
	}
}

// The log loads itself again, so a request is seen that comes while it is shown.
func TestTheLogLivesInABrowser(t *testing.T) {
	v := open(t)
	v.do("the log", chromedp.Navigate(v.Site+"/console/requests"), chromedp.WaitVisible(chromedp.Search("//td[.='No request yet.']")))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.api+"/admin/rest/v1/me", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	v.send(request, http.StatusUnauthorized)
	v.do("the request", chromedp.WaitVisible(chromedp.Search("//tr[td='getMe' and td='401']")))
}

// team puts people in, through the part of the control port that is for programs.
func (v *visit) team() {
	v.t.Helper()
	const group = "7400000000000000001"
	v.add("groups", `{"key": "`+group+`", "name": "Sales"}`)
	for _, person := range []string{
		`{"email": "ada.ames@example.test", "firstName": "Ada", "lastName": "Ames", "groupKey": "` + group + `",
		  "licenseKeys": ["7300000000000000001", "7300000000000000002"], "passwordCreated": true}`,
		`{"email": "ben.brook@example.test", "firstName": "Ben", "lastName": "Brook", "groupKey": "` + group + `",
		  "licenseKeys": ["7300000000000000001"]}`,
		`{"email": "fay.field@example.test", "firstName": "Fay", "lastName": "Field", "licenseKeys": ["7300000000000000001"],
		  "adminRoles": ["MANAGE_USERS"], "passwordCreated": true}`,
		`{"email": "gus.grove@example.test", "firstName": "Gus", "lastName": "Grove"}`,
	} {
		v.add("users", person)
	}
}

func (v *visit) add(what, body string) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.Site+"/accounts/7200000000000000001/"+what,
		strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	v.send(request, http.StatusOK)
}

func (v *visit) send(request *http.Request, want int) {
	v.t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != want {
		v.t.Fatalf("%s: %s", request.URL, response.Status)
	}
}

func TestAPictureForTheReadme(t *testing.T) {
	if *screenshot == "" {
		t.Skip("asked for by -screenshot")
	}
	v := open(t)
	v.team()
	v.do("the users", chromedp.Navigate(v.Site+"/console/"), chromedp.Click(link("Users")), chromedp.WaitVisible(chromedp.CSS("table")))
	picture := ask(v, "the picture", chromedp.CaptureScreenshot())
	if err := os.MkdirAll(filepath.Dir(*screenshot), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*screenshot, picture, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes in %s", len(picture), *screenshot)
}
