"""Indonesian help of each page, one paragraph a string."""

HELP: dict[str, tuple[str, ...]] = {
    "duty": (
        (
            "Peringatan baru muncul sendiri di atas. Tekan Terima agar rekan tahu Anda yang menangani, lalu "
            "Selesaikan dengan salah satu dari empat hasil."
        ),
        ("Nyalakan bunyi sekali di awal giliran. Bunyi diulang tiap 20 detik sampai semua peringatan baru diterima."),
        (
            "Sudah jelas, belum diterima berisi peringatan yang terjelaskan oleh catatan susulan sebelum sempat "
            "dilihat orang."
        ),
    ),
    "alert": (
        (
            "Gambar menunjukkan kejadian; kepala selalu dikaburkan. Garis waktu membandingkan lintasan kamera "
            "(bulatan) dengan catatan (kotak): bulatan merah tanpa kotak di dekatnya adalah yang ditanyakan."
        ),
        "Angka kemungkinan dijaga jujur: dari sepuluh peringatan bernilai 80%, delapan benar.",
        "Putuskan setelah melihat sendiri. Keputusan Anda menjadi bahan belajar sistem.",
    ),
    "archive": ("Semua peringatan, termasuk yang sudah selesai. Pilih keadaan, jenis, atau tempat, lalu Cari.",),
    "cameras": (
        (
            "Setiap node melapor tiap 30 detik. Kamera yang tidak mengawasi berarti gerbangnya buta: awasi dengan "
            "mata sampai pulih."
        ),
        "Pesan tertahan berarti sambungan ke server sedang putus; tidak ada yang hilang, pesan menyusul.",
    ),
    "map": (
        (
            "Angka di lingkaran adalah peringatan terbuka. Merah: ada peringatan. Kuning tua: ada kamera yang "
            "tidak mengawasi. Hijau: tenang."
        ),
        "Peta ini sketsa buatan sendiri yang bekerja tanpa internet; bukan untuk navigasi.",
    ),
    "passages": (
        "Catatan perlintasan yang dibandingkan dengan kamera. Nama dan nomor dokumen tidak pernah disimpan.",
        (
            "Impor: pilih berkas, lihat pratinjaunya, lalu ambil. Mengimpor berkas yang sama dua kali tidak "
            "mengubah apa pun."
        ),
    ),
    "people": (
        "Setiap orang memakai akunnya sendiri, agar setiap tindakan tercatat atas namanya.",
        "Menutup akun mengakhiri semua sesinya seketika; riwayatnya tetap ada.",
    ),
    "audit": (
        (
            "Siapa melihat, memutuskan, mengekspor, atau mengubah apa. Setiap catatan terikat pada yang "
            "sebelumnya, sehingga perubahan diam-diam terlihat."
        ),
    ),
    "handover": (
        (
            "Serahkan giliran kepada rekan pengganti. Semua peringatan terbuka dan kamera yang tidak mengawasi "
            "ikut tercantum, dan rekan menerimanya atas namanya sendiri."
        ),
    ),
}
