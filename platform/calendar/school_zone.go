package calendar

// academie is a district of the Education ministry and the departments it covers
// (Code de l’éducation, D. 222-1 and following).
type academie struct {
	name         string
	zone         SchoolZone
	departements string
}

func academies() []academie {
	return []academie{
		{"Besançon", SchoolA, "25 39 70 90"},
		{"Bordeaux", SchoolA, "24 33 40 47 64"},
		{"Clermont-Ferrand", SchoolA, "03 15 43 63"},
		{"Dijon", SchoolA, "21 58 71 89"},
		{"Grenoble", SchoolA, "07 26 38 73 74"},
		{"Limoges", SchoolA, "19 23 87"},
		{"Lyon", SchoolA, "01 42 69"},
		{"Poitiers", SchoolA, "16 17 79 86"},

		{"Aix-Marseille", SchoolB, "04 05 13 84"},
		{"Amiens", SchoolB, "02 60 80"},
		{"Lille", SchoolB, "59 62"},
		{"Nancy-Metz", SchoolB, "54 55 57 88"},
		{"Nantes", SchoolB, "44 49 53 72 85"},
		{"Nice", SchoolB, "06 83"},
		{"Normandie", SchoolB, "14 27 50 61 76"},
		{"Orléans-Tours", SchoolB, "18 28 36 37 41 45"},
		{"Reims", SchoolB, "08 10 51 52"},
		{"Rennes", SchoolB, "22 29 35 56"},
		{"Strasbourg", SchoolB, "67 68"},

		{"Créteil", SchoolC, "77 93 94"},
		{"Montpellier", SchoolC, "11 30 34 48 66"},
		{"Paris", SchoolC, "75"},
		{"Toulouse", SchoolC, "09 12 31 32 46 65 81 82"},
		{"Versailles", SchoolC, "78 91 92 95"},

		{"Corse", SchoolCorse, "2A 2B"},
	}
}
