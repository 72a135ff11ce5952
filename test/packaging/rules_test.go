package packaging

import (
	std "cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	fields "k8s.io/apimachinery/pkg/util/validation/field"
	costs "k8s.io/apiserver/pkg/apis/cel"
)

// definition is a CRD as the API server has it: it refuses objects by the same code.
type definition struct {
	kind   string
	schema *structural.Structural
	plain  validation.SchemaValidator
	rules  *cel.Validator
}

func definitionOf(t *testing.T, m made) definition {
	t.Helper()
	var given apiextensionsv1.JSONSchemaProps
	var inside apiextensions.JSONSchemaProps
	text, err := json.Marshal(objectOf(t, m.resource()))
	must(t, err)
	must(t, json.Unmarshal(text, &given))
	must(t, apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&given, &inside, nil))
	schema, err := structural.NewStructural(&inside)
	must(t, err)
	plain, _, err := validation.NewSchemaValidator(&inside)
	must(t, err)
	return definition{m.kind, schema, plain, cel.NewValidator(schema, true, costs.PerCallLimit)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refuses says what of an object is wrong, as "place: message".
func (d definition) refuses(t *testing.T, o *unstructured.Unstructured) []string {
	t.Helper()
	text, err := json.Marshal(o.Object)
	must(t, err)
	whole := &unstructured.Unstructured{}
	must(t, whole.UnmarshalJSON(text)) // whose integers are such
	defaulting.Default(whole.Object, d.schema)
	errs := validation.ValidateCustomResource(nil, whole.Object, d.plain)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, d.schema, whole.Object)...)
	broken, _ := d.rules.Validate(t.Context(), nil, d.schema, whole.Object, nil, costs.RuntimeCELCostBudget)
	var all []string
	for _, err := range append(errs, broken...) {
		all = append(all, d.place(err)+": "+err.Detail)
	}
	return all
}

var numbered = regexp.MustCompile(`\[\d+\]`)

// place is where the rule is that an error is of.
func (d definition) place(err *fields.Error) string {
	at := strings.TrimPrefix(strings.TrimPrefix(err.Field, "<nil>"), "spec")
	return d.kind + numbered.ReplaceAllString(at, "[]")
}

// rulesOf notes the messages of the rules in CEL of a schema, by place; those on what an object was are left out.
func rulesOf(s *structural.Structural, at string, found map[string][]string) {
	for _, rule := range s.XValidations {
		if !strings.Contains(rule.Rule, "oldSelf") {
			place := strings.Replace(at, ".spec", "", 1)
			found[place] = append(found[place], rule.Message)
		}
	}
	for name, property := range s.Properties {
		rulesOf(&property, at+"."+name, found)
	}
	if s.Items != nil {
		rulesOf(s.Items, at+"[]", found)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Structural != nil {
		rulesOf(s.AdditionalProperties.Structural, at+"{}", found)
	}
}

// A rule that comes later has to have values that break it, too.
func TestEveryRuleOfTheCRDsHasABreach(t *testing.T) {
	want, got := map[string][]string{}, map[string][]string{}
	for _, m := range everyKind {
		rulesOf(definitionOf(t, m).schema, m.kind, want)
	}
	for place, messages := range breaches {
		got[place] = slices.Sorted(maps.Keys(messages))
		slices.Sort(want[place])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules -, breaches +:\n%s", diff)
	}
}

// Helm sends one object after the other: of a release with one that the API server refuses, a part is there. So the charts refuse it first.
func TestChartsRefuseWhatBreaksARule(t *testing.T) {
	for _, m := range everyKind {
		c, d := load(t, m.chart), definitionOf(t, m)
		for place, messages := range breaches {
			if place != m.kind && !strings.HasPrefix(place, m.kind+".") {
				continue
			}
			for message, b := range messages {
				if b.with != "" {
					b.check(t, c, d, place+": "+message, message, m.whole(b.with))
				}
			}
		}
	}
}

// whole values of a chart, around some of them.
func (m made) whole(with string) string {
	if m.chart == operatorChart {
		return `{crds: {install: false}, account: {create: true, ` + with + `}}`
	}
	return `{account: {name: a}, ` + with + `}`
}

// check says that values break the rule, and that the chart refuses them for that; or takes them where there is a reason.
func (b breach) check(t *testing.T, c *chart.Chart, d definition, rule, message, with string) {
	t.Helper()
	unchecked := dry("sales", "goto")
	unchecked.SkipSchemaValidation = true
	r, err := unchecked.Run(c, values(t, with))
	if err != nil && !strings.Contains(err.Error(), message) {
		t.Errorf("%s\n%v", with, err)
	}
	if err == nil && !slices.Contains(d.refused(t, parse(t, r.Manifest)), rule) {
		t.Errorf("%s\ndoes not break the rule %s: %v", with, rule, d.refused(t, parse(t, r.Manifest)))
	}
	_, err = template(c, "sales", "goto", values(t, with))
	switch says := std.Or(b.says, message); {
	case b.why != "" && err != nil:
		t.Errorf("%s\nis refused, though %s: %v", with, b.why, err)
	case b.why == "" && (err == nil || !strings.Contains(err.Error(), says)):
		t.Errorf("%s\nwant a message with %q, got: %v", with, says, err)
	}
}

// refused is what is wrong with the objects of the definition's kind.
func (d definition) refused(t *testing.T, all objects) []string {
	t.Helper()
	var found []string
	for _, o := range all {
		if o.GetKind() == d.kind {
			found = append(found, d.refuses(t, o)...)
		}
	}
	return found
}

// All values that the tests have make objects that the CRDs take.
func TestCRDsTakeWhatTheChartsMake(t *testing.T) {
	for _, m := range everyKind {
		d := definitionOf(t, m)
		for _, with := range everyValue[m.chart] {
			if wrong := d.refused(t, parse(t, installed(t, m.chart, "sales", "goto", with).Manifest)); len(wrong) > 0 {
				t.Errorf("%s: %v", m.kind, wrong)
			}
		}
	}
}
