package i18n

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"text/template"
	"text/template/parse"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

// message is one entry of a catalogue file: a text, or its plural forms.
type message struct {
	key    string
	plural bool
	forms  map[string]string // CLDR category → text; "other" alone when not plural
}

// file is one catalogue file, in the order it is written.
type file struct {
	name     string
	messages []message
}

// readFile reads LANG.json at the root of fsys or under locales/.
func readFile(fsys fs.FS, lang string) (file, error) {
	name := lang + ".json"
	content, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		name = "locales/" + name
		content, err = fs.ReadFile(fsys, name)
	}
	if err != nil {
		return file{}, fmt.Errorf("reading a catalogue: %w", err)
	}
	messages, err := parseMessages(content)
	if err != nil {
		return file{}, fmt.Errorf("%s: %w", name, err)
	}
	return file{name: name, messages: messages}, nil
}

// parseMessages reads a flat JSON object token by token, because decoding into a
// map would silently keep the last of two equal keys.
func parseMessages(content []byte) ([]message, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.Join(errors.New("not a JSON object"), err)
	}
	var messages []message
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line(content, decoder), err)
		}
		key, _ := token.(string)
		if seen[key] {
			return nil, fmt.Errorf("line %d: key %q is defined twice", line(content, decoder), key)
		}
		seen[key] = true
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, fmt.Errorf("line %d: key %q: %w", line(content, decoder), key, err)
		}
		m, err := parseMessage(key, raw)
		if err != nil {
			return nil, fmt.Errorf("line %d: key %q: %w", line(content, decoder), key, err)
		}
		messages = append(messages, m)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("line %d: %w", line(content, decoder), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line %d: text after the end of the object", line(content, decoder))
	}
	return messages, nil
}

func parseMessage(key string, raw json.RawMessage) (message, error) {
	m := message{key: key, forms: map[string]string{}}
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		m.forms["other"] = text
	} else if err := json.Unmarshal(raw, &m.forms); err == nil && len(m.forms) > 0 {
		m.plural = true
	} else {
		return m, errors.New(`neither a text nor plural forms such as {"one": "…", "other": "…"}`)
	}
	if m.forms["other"] == "" {
		return m, errors.New(`empty message, or plural without "other"`)
	}
	for form, text := range m.forms {
		if _, err := template.New(form).Parse(text); err != nil {
			return m, fmt.Errorf("form %q: %w", form, err)
		}
	}
	return m, nil
}

func line(content []byte, decoder *json.Decoder) int {
	return 1 + bytes.Count(content[:decoder.InputOffset()], []byte("\n"))
}

// bundled turns the message into the library's form. French has a third CLDR
// category, "many", for whole millions; a catalogue need not write it and "other"
// serves. A message without plural forms has the same text in each.
func (m message) bundled() *goi18n.Message {
	other := m.forms["other"]
	out := &goi18n.Message{ID: m.key, One: other, Many: other, Other: other}
	if one := m.forms["one"]; one != "" {
		out.One = one
	}
	if many := m.forms["many"]; many != "" {
		out.Many = many
	}
	return out
}

// placeholders lists the fields a text uses: {{.Name}} gives "Name".
func placeholders(text string) map[string]bool {
	found := map[string]bool{}
	trees, err := parse.Parse("", text, "{{", "}}", map[string]any{"print": fmt.Sprint, "printf": fmt.Sprintf})
	if err != nil || trees[""] == nil {
		return found
	}
	var walk func(parse.Node)
	walk = func(node parse.Node) {
		switch n := node.(type) {
		case *parse.ListNode:
			if n != nil {
				for _, child := range n.Nodes {
					walk(child)
				}
			}
		case *parse.ActionNode:
			walk(n.Pipe)
		case *parse.PipeNode:
			for _, command := range n.Cmds {
				for _, arg := range command.Args {
					walk(arg)
				}
			}
		case *parse.FieldNode:
			found[n.Ident[0]] = true
		case *parse.IfNode:
			walk(n.Pipe)
			walk(n.List)
			walk(n.ElseList)
		}
	}
	walk(trees[""].Root)
	return found
}
