package gotoclient

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
)

func TestIsIllegalAccount(t *testing.T) {
	said := func(status int, body string) error {
		return newAPIError(OpGetMe, &http.Response{StatusCode: status, Header: http.Header{}}, []byte(body))
	}
	rows := map[string]struct {
		err  error
		want bool
	}{
		"a gateway's code":       {said(502, `{"int_err_code":"IllegalAccount","msg":"no"}`), true},
		"an edge's text":         {said(502, `{"errorCode":"BAD","message":"Illegal Account"}`), true},
		"a code of the Admin":    {said(502, `{"errors":[{"code":"illegal.account"}]}`), true},
		"wrapped":                {fmt.Errorf("reading: %w", said(502, `{"errors":[{"code":"illegal.account"}]}`)), true},
		"a gateway that fails":   {said(502, `<html>Bad Gateway</html>`), false},
		"another code":           {said(502, `{"errorCode":"BAD_GATEWAY","message":"upstream"}`), false},
		"the same by another":    {said(500, `{"errorCode":"BAD","message":"Illegal Account"}`), false},
		"no answer of the API's": {errors.New("illegal account"), false},
	}
	for name, row := range rows {
		if got := IsIllegalAccount(row.err); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
