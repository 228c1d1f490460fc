"""Indonesian texts: sign_in, password."""

TEXTS: dict[str, str] = {
    "sign_in.title": "Masuk",
    "sign_in.username": "Nama pengguna",
    "sign_in.password": "Kata sandi",
    "sign_in.button": "Masuk",
    "sign_in.wrong": "Nama pengguna atau kata sandi tidak cocok. Periksa huruf besar-kecil, lalu coba lagi.",
    "sign_in.code": "Akun ini memakai autentikator: isi kodenya juga.",
    "sign_in.code_label": "Kode autentikator (6 angka)",
    "sign_in.over": "Kata sandi awal ini tidak diganti pada waktunya. Mintalah yang baru kepada administrator.",
    "sign_in.limited": "Terlalu banyak percobaan. Coba lagi {wait}.",
    "sign_in.elsewhere": "Masuk dengan akun kantor",
    "sign_in.hint": "Belum punya akun? Minta administrator kantor membuatkannya.",
    "sign_in.notice": "Setiap tindakan dicatat dalam log audit.",
    "password.title": "Ganti kata sandi",
    "password.why": "Paling sedikit 12 huruf, tanpa nama Anda. Sesudahnya Anda masuk kembali dengan kata sandi baru.",
    "password.old": "Kata sandi sekarang",
    "password.new": "Kata sandi baru",
    "password.change": "Ganti",
    "password.refused": (
        "Tidak diganti: kata sandi lama keliru, atau yang baru terlalu pendek, mudah ditebak, atau ada nama Anda."
    ),
    "second_factor.title": "Pasang faktor kedua",
    "second_factor.why": "Kantor Anda meminta kode aplikasi autentikator selain kata sandi. Aplikasi mana pun boleh.",
    "second_factor.secret": "Ketik kunci ini di aplikasi:",
    "second_factor.open": "Buka aplikasi di ponsel ini",
    "second_factor.confirm": "Pastikan",
    "second_factor.wrong_password": "Kata sandi salah. Yang diminta ialah kata sandi untuk masuk.",
    "second_factor.wrong": "Kode tidak cocok. Periksa jam ponsel dan pakai kode berikutnya.",
}

HELP: dict[str, tuple[str, ...]] = {}
