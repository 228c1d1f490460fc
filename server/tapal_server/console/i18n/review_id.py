"""Indonesian texts: review of pictures for the next model."""

TEXTS: dict[str, str] = {
    "nav.review": "Tinjauan",
    "review.title": "Tinjauan gambar",
    "review.back": "Kembali ke antrean",
    "review.show": "Tampilkan",
    "review.state": "Keadaan",
    "review.state.open": "perlu dilabeli",
    "review.state.done": "sudah dilabeli",
    "review.state.skipped": "dilewati",
    "review.state.all": "semua",
    "review.order": "Urutan",
    "review.order.uncertain": "yang paling berguna dipelajari dulu",
    "review.order.newest": "yang terbaru dulu",
    "review.total": "{n} gambar",
    "review.empty": "Tidak ada yang perlu dilabeli.",
    "review.empty.next": "Gambar datang dari keputusan petugas dan dari saat kamera paling tidak yakin.",
    "review.why.false_alarm": "Alarm palsu: apa yang dikira orang oleh kamera?",
    "review.why.confirmed": "Peringatan yang terbukti",
    "review.why.explained": "Peringatan yang terjelaskan",
    "review.why.missed": "Ada yang terlewat",
    "review.why.uncertain": "Kamera tidak yakin",
    "review.negative": "tidak ada isinya",
    "review.clip": "dari klip",
    "review.frames": "Bingkai dari klip ini",
    "review.frame": "Bingkai {n}, {state}",
    "review.picture": "Gambar yang dilabeli; kepala dikaburkan",
    "review.drawing": "Kotak di atas gambar; daftar di bawah menyebutkan hal yang sama",
    "review.how": (
        "Gambar kotak pada setiap orang, perahu, dan kendaraan. Tombol: panah menggeser kotak, dengan "
        "Shift mengubah ukurannya; A menambah, N berikutnya, Delete menghapus, 1-9 memilih label, S "
        "menyimpan, X berarti tidak ada isinya."
    ),
    "review.box": "Kotak",
    "review.label": "Isi kotak",
    "review.drop": "Hapus",
    "review.mine": "digambar",
    "review.proposed": "usulan,",
    "review.none": "Tidak ada kotak.",
    "review.save": "Simpan dan lanjut",
    "review.add": "Tambah kotak",
    "review.nothing": "Tidak ada isinya (contoh sulit)",
    "review.propagate": "Teruskan kotak ke gambar lain dari klip ini",
    "review.propagated": "Diteruskan ke {n} gambar.",
    "review.skip": "Lewati",
    "review.reopen": "Labeli lagi",
    "review.asked": "Ditanyakan karena",
    "review.apart": "Model berbeda pendapat",
    "review.camera": "Kamera",
    "review.taken": "Diambil",
    "review.invalid": "Tidak tersimpan: {reason}.",
    "review.missed": "Ada yang terlewat di sini",
    "review.missed.how": (
        "Anda melihat orang melintas yang tidak terhitung kamera? Catat waktunya: gambar menit itu masuk tinjauan."
    ),
    "review.missed.at": "Waktu",
    "review.missed.note": "Yang Anda lihat",
    "review.missed.button": "Laporkan",
    "review.missed.done": "Tercatat: {n} masuk tinjauan.",
    "label.bus": "bus",
    "label.truck": "truk",
    "label.bicycle": "sepeda",
    "error.boxes": "Setiap kotak perlu label dan luas di dalam gambar.",
}

HELP: dict[str, tuple[str, ...]] = {
    "review": (
        "Keputusan petugas menjadi bahan model berikutnya. Di sini dicatat apa yang sebenarnya ada di setiap gambar.",
        "Gambar tanpa isi yang dikira orang oleh kamera adalah yang paling berguna: cukup satu tombol.",
        "Kepala sudah dikaburkan sebelum gambar meninggalkan node. Gambar yang dihapus juga keluar dari bahan latihan.",
    ),
}
