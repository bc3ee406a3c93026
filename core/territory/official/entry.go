package official

// Kind is what a territory is.
type Kind string

const (
	Commune     Kind = "commune"
	EPCI        Kind = "epci" // établissement public de coopération intercommunale à fiscalité propre
	EPT         Kind = "ept"  // établissement public territorial de la métropole du Grand Paris
	Departement Kind = "departement"
	Region      Kind = "region"
	COM         Kind = "com" // overseas collectivity, New Caledonia and uninhabited lands included
)

// Kinds lists every kind, from the widest to the smallest.
func Kinds() []Kind { return []Kind{Region, COM, Departement, EPCI, EPT, Commune} }

// prefix is the first letter of the identifiers of a kind.
func (k Kind) prefix() string {
	switch k {
	case Commune:
		return "c"
	case Departement:
		return "d"
	case Region:
		return "r"
	case COM:
		return "o"
	}
	return "e"
}

// Zone is where a territory lies, as INSEE divides the country.
type Zone string

const (
	Metro    Zone = "metro" // mainland France and Corsica
	DROM     Zone = "drom"  // overseas départements and régions
	Overseas Zone = "com"   // other overseas lands
)

// Entry is one territory. It is a copy: the list itself cannot be changed.
type Entry struct {
	ID   string // "c86281", "e200069854", "d86", "r75", "o987"; for life, while the code lives
	Kind Kind
	Form string // for EPCI and EPT: CC, CA, CU, METRO, MET69 (Lyon) or EPT (DGCL); else empty

	Code  string // INSEE code; SIREN for EPCI and EPT
	SIREN string // 9 digits; empty where the list has none (départements, régions, some communes)
	Name  string // "Le Havre", "Grand Poitiers", "Vienne"
	Slug  string // first segment of the address: "le-havre", "saint-denis-93066"

	// Article is "le", "la", "l’", "les" or empty. In the name of a commune it is
	// written already; for other kinds [Entry.WithArticle] puts it before the name.
	Article string

	Departement string // code: "86", "2A", "974", its own included; for EPCI and EPT, where most of its people live; empty for régions and COM
	Region      string // code: "75", its own included; empty for COM and their communes
	COM         string // code: "987", its own included; empty elsewhere
	EPCI        string // SIREN, for communes; empty for the few without
	EPT         string // SIREN, for communes of Greater Paris

	PostalCodes []string // for communes, in order
	Population  int      // population municipale; 0 when unknown
	Zone        Zone

	// Lat and Lon (WGS84, degrees) are the centre of a commune, or the mean of where
	// the inhabitants of a wider territory are. Approximate: worked out from the
	// neighbours, right to some kilometres; always true of wider territories. Both
	// zero when unknown.
	Lat, Lon    float64
	Approximate bool

	liaison byte
	title   string
}

// Located tells whether the position is known, even approximately.
func (e Entry) Located() bool { return e.Lat != 0 || e.Lon != 0 }
