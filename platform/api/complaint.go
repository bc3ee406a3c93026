package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"parvis/platform/i18n"
)

// complaint turns what the library says of a request into a problem that
// names each field in the reader's language. The value received is not
// repeated: it may be personal.
func (a *API) complaint(ctx context.Context, path string, m *huma.ErrorModel) *Problem {
	p := a.newProblem(ctx, path, m.Status, complaintName(m.Status))
	for _, e := range m.Errors {
		if e == nil {
			continue
		}
		p.Errors = append(p.Errors, mistake(ctx, e))
	}
	if len(m.Errors) == 0 && m.Status == http.StatusBadRequest {
		p.Errors = append(p.Errors, mistake(ctx, &huma.ErrorDetail{Location: "body", Message: m.Detail}))
	}
	if m.Status >= 500 {
		a.cfg.Logger.ErrorContext(ctx, "api", "status", m.Status, "cause", m.Detail)
		p.Errors = nil
	}
	return p
}

func complaintName(status int) string {
	switch status {
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return "media"
	case http.StatusBadRequest:
		return "malformed"
	case http.StatusRequestTimeout:
		return "cut"
	}
	return "internal"
}

// pattern recognises one of the library's messages.
type pattern struct {
	re   *regexp.Regexp
	key  string
	args []string // names of the captured parts
}

// format makes a pattern from a message as the library formats it.
func format(message, key string, args ...string) pattern {
	text := regexp.QuoteMeta(message)
	for _, verb := range []string{"%s", "%d", "%v"} {
		text = strings.ReplaceAll(text, verb, "(.*)")
	}
	return pattern{regexp.MustCompile("(?s)^" + text + "$"), "api.mistake." + key, args}
}

// property is the argument that names a field beside the location.
const property = "+"

// patterns are built from the library's own texts, so that a new version that
// words them otherwise is still understood.
var patterns = []pattern{
	format(validation.MsgUnexpectedProperty, "unexpected"),
	format("unknown query parameter", "unexpected"),
	format(validation.MsgExpectedRequiredProperty, "required", property),
	format(validation.MsgExpectedDependentRequiredProperty, "together", property, "Other"),
	format("required %s parameter is missing", "required", ""),
	format("request body is required", "body"),
	format(validation.MsgExpectedRFC3339DateTime, "datetime"),
	format(validation.MsgExpectedRFC1123DateTime, "datetime"),
	format("invalid date/time for format %s", "datetime", ""),
	format(validation.MsgExpectedRFC3339Date, "date"),
	format(validation.MsgExpectedRFC3339Time, "time"),
	format(validation.MsgExpectedRFC5322Email, "email", ""),
	format(validation.MsgExpectedRFC3986URI, "uri", ""),
	format(validation.MsgExpectedRFC4122UUID, "form", ""),
	format(validation.MsgExpectedBoolean, "boolean"),
	format("invalid boolean", "boolean"),
	format(validation.MsgExpectedNumber, "number"),
	format("invalid float", "number"),
	format(validation.MsgExpectedInteger, "integer"),
	format("invalid integer", "integer"),
	format(validation.MsgExpectedString, "string"),
	format(validation.MsgExpectedArray, "array"),
	format(validation.MsgExpectedObject, "object"),
	format(validation.MsgExpectedArrayItemsUnique, "unique"),
	format(validation.MsgExpectedOneOf, "oneof", "Values"),
	format(validation.MsgExpectedMinimumNumber, "minimum", "Limit"),
	format(validation.MsgExpectedExclusiveMinimumNumber, "above", "Limit"),
	format(validation.MsgExpectedMaximumNumber, "maximum", "Limit"),
	format(validation.MsgExpectedExclusiveMaximumNumber, "below", "Limit"),
	format(validation.MsgExpectedNumberBeMultipleOf, "multiple", "Limit"),
	format(validation.MsgExpectedMinLength, "minlength", "Limit"),
	format(validation.MsgExpectedMaxLength, "maxlength", "Limit"),
	format(validation.MsgExpectedMinItems, "minitems", "Limit"),
	format(validation.MsgExpectedMaxItems, "maxitems", "Limit"),
	format(validation.MsgExpectedMatchPattern, "form", ""),
	format(validation.MsgExpectedBePattern, "form", ""),
	format(validation.MsgExpectedMatchExactlyOneSchema, "identifier"),
	format(syntaxMessage, "syntax", "Line", "Column"),
	format(endMessage, "end"),
	format(kindMessage, "kind", property),
	format("unknown content type: %s", "media", ""),
}

// mistake translates one detail of the library.
func mistake(ctx context.Context, e *huma.ErrorDetail) Mistake {
	location, field, _ := strings.Cut(e.Location, ".")
	if name, index, ok := strings.Cut(location, "["); ok { // the body itself is a list
		location, field = name, strings.TrimSuffix("["+index+"."+field, ".")
	}
	m := Mistake{Location: location, Field: field}
	key, args := "api.mistake.form", []any{}
	for _, p := range patterns {
		parts := p.re.FindStringSubmatch(e.Message)
		if parts == nil {
			continue
		}
		key = p.key
		for i, name := range p.args {
			switch value := parts[i+1]; name {
			case "":
			case property:
				m.Field = strings.TrimPrefix(m.Field+"."+value, ".")
			default:
				args = append(args, name, value)
			}
		}
		break
	}
	name := m.Field
	if name == "" {
		name = i18n.T(ctx, "api.mistake.here")
	}
	m.Message = i18n.T(ctx, key, append(args, "Field", name)...)
	return m
}

// What unmarshal says in place of encoding/json: positions and field names,
// which the patterns above read back.
const (
	syntaxMessage = "json syntax at line %d column %d"
	endMessage    = "json ends too early"
	kindMessage   = "json value of %s has the wrong type"
)

// unmarshal decodes a body and says where it is wrong.
func unmarshal(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		if syntax.Offset >= int64(len(data)) && strings.Contains(syntax.Error(), "unexpected end") {
			return errors.New(endMessage)
		}
		before := string(data[:min(int(syntax.Offset), len(data))])
		line := 1 + strings.Count(before, "\n")
		column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
		return fmt.Errorf(syntaxMessage, line, column)
	case errors.As(err, &kind):
		return fmt.Errorf(kindMessage, kind.Field)
	}
	return err
}
