package official

import (
	"testing"
)

func BenchmarkDecode(b *testing.B) {
	packed, err := dist.ReadFile("dist/territories.tsv.gz")
	if err != nil {
		b.Fatal(ErrMissing)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode(packed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	list, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		buildIndex(list)
	}
}

func BenchmarkSearch(b *testing.B) {
	list, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	list.Search("a", 1)
	for _, query := range []string{"a", "s", "saint", "st etienne", "Vouneuil-sous-Biard", "vouneil sous biard", "lhay les roses",
		"saintetienne", "chateau", "de la", "poitier", "zzzzzzzz", "86000", "8", "97411", "Paris 11", "saint-denis 93"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				list.Search(query, 10)
			}
		})
	}
}

func BenchmarkNear(b *testing.B) {
	list, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		list.Near(46.58, .34, 10)
	}
}
