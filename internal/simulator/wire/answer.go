package wire

import (
	"net/http"
	"strconv"
)

// Response is a complete answer. A body without content type is JSON.
type Response struct {
	Status      int
	ContentType string
	Header      http.Header
	Body        []byte
}

// JSON is an answer that shows a value.
func JSON(status int, value any) Response {
	return Response{Status: status, Body: appendJSON(nil, value)}
}

// Bare is an answer whose body says no more than its status does.
func Bare(status int) Response {
	return JSON(status, Object{M("message", http.StatusText(status))})
}

// GatewayFailure is an error that did not come from the application: its body is not JSON.
func GatewayFailure(status int) Response {
	return Response{Status: status, ContentType: "text/plain; charset=utf-8", Body: []byte(http.StatusText(status) + "\n")}
}

// InvalidToken is the gateway's answer to a token that it does not accept (L on the sister APIs).
func InvalidToken() Response {
	r := JSON(http.StatusForbidden, Object{M("int_err_code", "InvalidToken"), M("msg", "Invalid token passed")})
	r.Header = http.Header{"X-Amzn-Errortype": {"UnauthorizedException"}}
	return r
}

// IllegalAccount is the refusal of all work on an account that the service calls illegal: 502 (D, as transcribed elsewhere). In which form the
// words come is not known (U): text, as a gateway has it, errors, as the Admin API has it, or intErrCode.
func IllegalAccount(form string) Response {
	const words = "Illegal Account"
	switch form {
	case "errors":
		return JSON(http.StatusBadGateway, Object{M("errors", []Object{{M("code", "account.illegal"), M("value", words)}})})
	case "intErrCode":
		return JSON(http.StatusBadGateway, Object{M("int_err_code", "IllegalAccount"), M("msg", words)})
	}
	return Response{Status: http.StatusBadGateway, ContentType: "text/plain; charset=utf-8", Body: []byte(words + "\n")}
}

// NotRouted is the answer to a path or method that does not exist (L).
func NotRouted() Response {
	return JSON(http.StatusNotFound, Object{M("errorCode", "NOT_FOUND"), M("message", "The requested resource was not found.")})
}

// Refusal is what an operation says no with: a status, a code and what the code is about. Each API has a form of its own for it.
type Refusal struct {
	Status      int
	Code, Value string
}

// Refuse returns a refusal. An empty code stands for an answer that says no more than its status does.
func Refuse(status int, code, value string) *Refusal {
	return &Refusal{Status: status, Code: code, Value: value}
}

// Send sends an answer. The client may be gone, which is its own affair.
func Send(w http.ResponseWriter, r Response) {
	writeHeader(w, r)
	_, _ = w.Write(r.Body)
}

// SendHalf promises the whole body, sends half of it and breaks the connection.
func SendHalf(w http.ResponseWriter, r Response) {
	w.Header().Set("Content-Length", strconv.Itoa(len(r.Body)))
	writeHeader(w, r)
	_, _ = w.Write(r.Body[:len(r.Body)/2])
	_ = http.NewResponseController(w).Flush()
	Abort()
}

func writeHeader(w http.ResponseWriter, r Response) {
	for name, values := range r.Header {
		w.Header()[name] = values
	}
	if len(r.Body) > 0 {
		contentType := r.ContentType
		if contentType == "" {
			contentType = "application/json"
		}
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(r.Status)
}

// Abort breaks the connection; net/http takes this panic for that and logs nothing.
func Abort() { panic(http.ErrAbortHandler) }
