package customizations

// Expectation is how the objects of one state are judged: by Argo CD, with the script for their health, and by Flux, with kstatus.
type Expectation struct {
	// State is the folder of test/gitops/testdata/objects with what the operator made in it.
	State string
	// Kind is the one that is judged so, where the kinds of a state differ; empty for each of them.
	Kind string
	// Health is Argo CD's word for it, and Message the words beside it: those of the condition of that type, if there is one.
	Health, Message string
	// Kstatus is the word of kstatus.
	Kstatus string
	// Flux is the word by the expressions of the example for Flux, where it is another; empty where it is that of kstatus.
	Flux string
}

// Expectations is the one table of both: the files by which Argo CD tests a health script are made of it, and kstatus is tested
// by it.
var Expectations = []Expectation{
	{State: "applied", Health: "Progressing", Message: "not seen by the operator yet", Kstatus: "InProgress"},
	{State: "unconnected", Health: "Progressing", Message: "Ready", Kstatus: "InProgress"},
	{State: "ready", Health: "Healthy", Message: "Ready", Kstatus: "Current"},
	{State: "edited", Health: "Progressing", Message: "not seen by the operator yet", Kstatus: "InProgress"},
	{State: "suspended", Health: "Suspended", Message: "Ready", Kstatus: "InProgress"},
	{State: "paused", Health: "Suspended", Message: "Ready", Kstatus: "InProgress"},
	{State: "deleted", Health: "Progressing", Message: "being deleted", Kstatus: "Terminating", Flux: "InProgress"},
	{State: "blocked", Health: "Progressing", Message: "DeletionBlocked", Kstatus: "Terminating", Flux: "InProgress"},
	{State: "retrying", Health: "Progressing", Message: "Ready", Kstatus: "InProgress"},
	{State: "refused", Health: "Progressing", Message: "Ready", Kstatus: "InProgress"},
	{State: "stalled", Health: "Degraded", Message: "Stalled", Kstatus: "Failed"},
	{State: "rejected", Health: "Degraded", Message: "Stalled", Kstatus: "Failed"},
	{State: "forbidden", Health: "Degraded", Message: "Stalled", Kstatus: "Failed"},
	{State: "unsupported", Health: "Degraded", Message: "Stalled", Kstatus: "Failed"},
	{State: "unverified", Health: "Degraded", Message: "Stalled", Kstatus: "Failed"},
	{State: "illegal", Health: "Degraded", Message: "Stalled", Kstatus: "Failed"},
	{State: "observed", Health: "Healthy", Message: "Ready", Kstatus: "Current"},
	{State: "drifted", Health: "Healthy", Message: "Ready", Kstatus: "Current"},
	{State: "absent", Health: "Progressing", Message: "Ready", Kstatus: "InProgress"},
	{State: "invited", Health: "Healthy", Message: "Ready", Kstatus: "InProgress", Flux: "Current"},
	{State: "waiting", Kind: "GoToUser", Health: "Healthy", Message: "SeatAssigned", Kstatus: "Current"},
	{State: "waiting", Kind: "GoToLicenseBinding", Health: "Healthy", Message: "Ready", Kstatus: "InProgress", Flux: "Current"},
}

// Expected returns what is expected of a kind in a state; false where nothing is.
func Expected(state, kind string) (Expectation, bool) {
	for _, e := range Expectations {
		if e.State == state && (e.Kind == "" || e.Kind == kind) {
			return e, true
		}
	}
	return Expectation{}, false
}

// health is what the script is to return of an object.
func (e Expectation) health(object map[string]any) map[string]any {
	return map[string]any{"status": e.Health, "message": messageOf(object, e.Message)}
}

// messageOf returns the message of the condition of a type, or the type itself where there is none.
func messageOf(object map[string]any, name string) string {
	status, _ := object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	for _, c := range conditions {
		if fields, _ := c.(map[string]any); fields["type"] == name {
			message, _ := fields["message"].(string)
			return message
		}
	}
	return name
}

// ByExpressions is the word of Flux, by the expressions of the example for it.
func (e Expectation) ByExpressions() string {
	if e.Flux != "" {
		return e.Flux
	}
	return e.Kstatus
}
