"""Indonesian texts: people, role."""

TEXTS: dict[str, str] = {
    "people.title": "Pengguna",
    "people.name": "Nama",
    "people.role": "Peran",
    "people.sites": "Pos",
    "people.state": "Keadaan",
    "people.action": "Tindakan",
    "people.closed": "Ditutup",
    "people.open": "Aktif",
    "people.close": "Tutup akun",
    "people.reopen": "Buka akun",
    "people.all_sites": "Semua pos",
    "people.add": "Buka akun baru",
    "people.username": "Nama pengguna",
    "people.display_name": "Nama lengkap",
    "people.password": "Kata sandi sementara (paling sedikit 12 huruf)",
    "people.create": "Buka akun",
    "people.added": "Akun {name} dibuka.",
    "role.officer": "Petugas jaga",
    "role.supervisor": "Kepala seksi",
    "role.analyst": "Analis",
    "role.trainer": "Pelatih model",
    "role.auditor": "Auditor",
    "role.partner": "Instansi mitra",
    "role.admin": "Administrator",
}

HELP: dict[str, tuple[str, ...]] = {
    "people": (
        "Setiap orang memakai akunnya sendiri, agar setiap tindakan tercatat atas namanya.",
        "Menutup akun mengakhiri semua sesinya seketika; riwayatnya tetap ada.",
    ),
}
