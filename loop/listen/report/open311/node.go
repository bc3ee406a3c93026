package open311

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strconv"
	"strings"
	"time"
)

// node is a piece of an answer, the same in both formats: an XML element or a
// member of a JSON object.
type node struct {
	name     string
	kind     kind
	text     string
	children []node
}

type kind int

const (
	null    kind = iota // an empty element, null
	words               // text, a string
	literal             // a number or a truth value: written bare in JSON
	record              // elements, an object
	list                // elements of one name, an array
)

// Format is XML or JSON.
type Format string

// The formats, by the end of the address.
const (
	XML  Format = "xml"
	JSON Format = "json"
)

// ContentType is the media type of the format.
func (f Format) ContentType() string {
	if f == XML {
		return "text/xml; charset=utf-8"
	}
	return "application/json; charset=utf-8"
}

// Answer is something to write.
type Answer struct{ root node }

// Bytes writes the answer.
func (a Answer) Bytes(f Format) []byte {
	var b bytes.Buffer
	if f == XML {
		b.WriteString(xml.Header)
		a.root.xml(&b)
	} else {
		a.root.json(&b)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func (n node) xml(b *bytes.Buffer) {
	b.WriteString("<" + n.name + ">")
	if n.kind == words || n.kind == literal {
		// A buffer takes everything; signs that XML forbids become U+FFFD.
		_ = xml.EscapeText(b, []byte(n.text))
	}
	for _, c := range n.children {
		c.xml(b)
	}
	b.WriteString("</" + n.name + ">")
}

func (n node) json(b *bytes.Buffer) {
	switch n.kind {
	case null:
		b.WriteString("null")
	case literal:
		b.WriteString(n.text)
	case words:
		s, _ := json.Marshal(n.text) // a string always has a form
		b.Write(s)
	case record:
		b.WriteByte('{')
		for i, c := range n.children {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Quote(c.name) + ":") // our own names: plain ASCII
			c.json(b)
		}
		b.WriteByte('}')
	case list:
		b.WriteByte('[')
		for i, c := range n.children {
			if i > 0 {
				b.WriteByte(',')
			}
			c.json(b)
		}
		b.WriteByte(']')
	}
}

func textNode(name, text string) node {
	if text == "" {
		return node{name: name}
	}
	return node{name: name, kind: words, text: text}
}

func boolNode(name string, b bool) node {
	return node{name: name, kind: literal, text: strconv.FormatBool(b)}
}

func intNode(name string, n int) node {
	return node{name: name, kind: literal, text: strconv.Itoa(n)}
}

func floatNode(name string, f float64) node {
	return node{name: name, kind: literal, text: strconv.FormatFloat(f, 'f', -1, 64)}
}

func timeNode(name string, t time.Time) node {
	if t.IsZero() {
		return node{name: name}
	}
	return node{name: name, kind: words, text: t.Truncate(time.Second).Format(time.RFC3339)}
}

func recordNode(name string, children ...node) node {
	return node{name: name, kind: record, children: children}
}

func listNode[T any](name string, items []T, of func(T) node) node {
	n := node{name: name, kind: list}
	for _, x := range items {
		n.children = append(n.children, of(x))
	}
	return n
}

// child finds a member by its name, whatever its case; the zero node when there
// is none.
func (n node) child(name string) node {
	for _, c := range n.children {
		if strings.EqualFold(c.name, name) {
			return c
		}
	}
	return node{}
}

// say is the text of a member without the space around it. A record or a list
// where a text should be says nothing, but for a list or record of one text.
func (n node) say(name string) string {
	c := n.child(name)
	for range 3 {
		if (c.kind != record && c.kind != list) || len(c.children) != 1 {
			break
		}
		c = c.children[0]
	}
	return strings.TrimSpace(c.text)
}

func (n node) truth(name string) bool {
	switch strings.ToLower(n.say(name)) {
	case "true", "1", "yes", "oui":
		return true
	}
	return false
}
