package open311

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// Bounds of what is read.
const (
	maxDepth = 32
	maxNodes = 2_000_000
)

// ErrNotGeoReport is wrapped when an answer is neither XML nor JSON, or a web page.
var ErrNotGeoReport = errors.New("open311: not a GeoReport answer")

// parse reads either format, told by its first sign. What some servers glue
// before it, a status line, is passed over.
func parse(data []byte) (node, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	start := bytes.IndexAny(data[:min(len(data), 512)], "<[{")
	if start < 0 {
		return node{}, fmt.Errorf("%w: neither XML nor JSON", ErrNotGeoReport)
	}
	data = data[start:]
	p := parser{left: maxNodes}
	if data[0] == '<' {
		return p.xml(data)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	n, err := p.json(d, 0)
	if err != nil {
		return node{}, fmt.Errorf("%w: JSON: %w", ErrNotGeoReport, err)
	}
	return n, nil
}

type parser struct{ left int }

var errTooMuch = errors.New("too many elements, or too deep")

func (p *parser) take(depth int) error {
	if p.left--; p.left < 0 || depth > maxDepth {
		return errTooMuch
	}
	return nil
}

func (p *parser) xml(data []byte) (node, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = charset.NewReaderLabel
	d.Strict = false
	type element struct {
		node
		text []byte // appended to: text may come in a million pieces
	}
	stack := []element{{}}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return node{}, fmt.Errorf("%w: XML: %w", ErrNotGeoReport, err)
		}
		top := &stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if err := p.take(len(stack)); err != nil {
				return node{}, fmt.Errorf("%w: XML: %w", ErrNotGeoReport, err)
			}
			stack = append(stack, element{node: node{name: t.Name.Local}})
		case xml.CharData:
			top.text = append(top.text, t...)
		case xml.EndElement:
			done := top.node
			done.text = string(top.text)
			stack = stack[:len(stack)-1]
			done.settle()
			parent := &stack[len(stack)-1]
			parent.children = append(parent.children, done)
		}
	}
	if len(stack) != 1 || len(stack[0].children) == 0 {
		return node{}, fmt.Errorf("%w: XML: cut short", ErrNotGeoReport)
	}
	root := stack[0].children[0]
	if strings.EqualFold(root.name, "html") {
		return node{}, fmt.Errorf("%w: a web page", ErrNotGeoReport)
	}
	return root, nil
}

// settle says what an element turned out to be.
func (n *node) settle() {
	switch {
	case len(n.children) > 0:
		n.kind, n.text = record, ""
	case strings.TrimSpace(n.text) != "":
		n.kind = words
	}
}

func (p *parser) json(d *json.Decoder, depth int) (node, error) {
	if err := p.take(depth); err != nil {
		return node{}, err
	}
	t, err := d.Token()
	if err != nil {
		return node{}, err
	}
	switch t := t.(type) {
	case json.Delim:
		return p.jsonChildren(d, t, depth)
	case string:
		return node{kind: words, text: t}, nil
	case json.Number:
		return node{kind: literal, text: t.String()}, nil
	case bool:
		return boolNode("", t), nil
	}
	return node{}, nil
}

func (p *parser) jsonChildren(d *json.Decoder, open json.Delim, depth int) (node, error) {
	n := node{kind: list}
	if open == '{' {
		n.kind = record
	}
	for d.More() {
		name := ""
		if n.kind == record {
			t, err := d.Token()
			if err != nil {
				return node{}, err
			}
			name, _ = t.(string)
		}
		c, err := p.json(d, depth+1)
		if err != nil {
			return node{}, err
		}
		c.name = name
		n.children = append(n.children, c)
	}
	_, err := d.Token()
	return n, err
}

// items finds the records of a name wherever servers put them: as children of the
// root, in a wrapper, in a bare array, in an object around an array, alone. mark
// is a member that such a record has.
func (n node) items(name, mark string) []node { return n.find(name, mark, 0) }

func (n node) find(name, mark string, depth int) []node {
	if depth > 4 {
		return nil
	}
	if n.kind == record && n.child(mark).name != "" {
		return []node{n}
	}
	var out []node
	for _, c := range n.children {
		switch {
		case n.kind == list, strings.EqualFold(c.name, name):
			if found := c.find(name, mark, depth+1); len(found) > 0 {
				out = append(out, found...)
			} else if c.kind == record {
				out = append(out, c) // incomplete: for the caller to refuse
			}
		case c.kind == list || c.kind == record:
			out = append(out, c.find(name, mark, depth+1)...)
		}
	}
	return out
}
