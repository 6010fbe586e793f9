/** Bahasa Indonesia, written first; en.ts says the same in English. Keys are used by full name, so that a test can find the missing and the unused. */
export const id = {
  app: { name: 'Charge-IT', lab: 'Mode lab: stasiun simulasi, koneksi tanpa TLS', skip: 'Langsung ke isi' },
  nav: { overview: 'Ringkasan', stations: 'Stasiun', sessions: 'Sesi', cards: 'Kartu', tariffs: 'Tarif', models: 'Model prakiraan', lab: 'Lab', more: 'Lainnya', main: 'Menu utama' },
  top: {
    allSites: 'Semua lokasi', site: 'Lokasi', search: 'Cari stasiun', searchHint: 'Cari stasiun (/)', account: 'Akun', language: 'Bahasa', theme: 'Tampilan', themeLight: 'Terang', themeDark: 'Gelap', themeAuto: 'Ikuti perangkat',
    signOut: 'Keluar', signOutEverywhere: 'Keluar di semua perangkat', shortcuts: 'Pintasan papan ketik', role: { viewer: 'Pengamat', operator: 'Operator', admin: 'Admin', platform: 'Staf platform' }, tenant: 'Tenant {{tenant}}',
  },
  live: {
    live: 'Langsung', connecting: 'Menyambung', lost: 'Terputus', lastChange: 'Perubahan terakhir {{age}}', noChange: 'Belum ada perubahan',
    bannerTitle: 'Sambungan langsung terputus', banner: 'Data per {{age}}. Pengisian tetap berjalan; halaman ini menyambung kembali sendiri.', stale: 'Data mungkin sudah berubah: terakhir {{age}}.',
  },
  acting: {
    title: 'Bertindak untuk tenant', lead: '{{name}}, Anda staf platform dan tidak punya pembukuan sendiri.', tenant: 'Tenant', role: 'Sebagai', reason: 'Alasan', reasonHint: 'Tenant membacanya di catatan audit.', begin: 'Buka pembukuannya selama 30 menit',
    banner: '{{staff}} bertindak untuk {{tenant}}', bannerDetail: '{{reason}}, sampai {{until}}', end: 'Akhiri',
  },
  keys: { title: 'Pintasan papan ketik', search: 'Cari stasiun', go: 'Buka {{page}}', help: 'Tampilkan pintasan', close: 'Tutup', then: 'lalu' },
  signIn: {
    title: 'Masuk ke Charge-IT', lead: 'Pantau stasiun, sesi, dan pendapatan lokasi pengisian Anda.', button: 'Masuk', hint: 'Anda akan diarahkan ke halaman masuk organisasi Anda.',
    unavailable: 'Layanan masuk tidak menjawab.', unavailableDetail: 'Pengisian tidak terganggu: stasiun tetap terhubung. Coba lagi sebentar lagi.',
    expired: 'Waktu untuk masuk sudah habis.', expiredDetail: 'Tekan Masuk untuk memulai lagi.', refused: 'Layanan masuk menolak permintaan ini.', refusedDetail: 'Coba lagi; jika berulang, hubungi admin Anda.', retry: 'Coba lagi',
  },
  status: {
    available: 'Tersedia', preparing: 'Bersiap', charging: 'Mengisi', 'suspended-ev': 'Dijeda kendaraan', 'suspended-evse': 'Dijeda stasiun', finishing: 'Selesai, kabel terpasang',
    reserved: 'Dipesan', unavailable: 'Tidak tersedia', faulted: 'Gangguan', offline: 'Terputus', unknown: 'Belum diketahui',
  },
  statusBeside: {
    price: '{{price}} per kWh', preparing: 'Menunggu kartu atau kendaraan', suspendedEv: 'Kendaraan tidak meminta daya', suspendedEvse: 'Stasiun menahan daya', finishing: 'Kabel belum dicabut',
    reserved: 'Dipesan lewat stasiun', unavailable: 'Dimatikan oleh pengelola atau stasiun', offline: 'Terakhir terhubung {{age}}', offlineNever: 'Belum pernah terhubung', offlineWas: 'Sebelumnya: {{status}}',
    unknown: 'Stasiun belum melaporkan keadaan', since: 'sejak {{time}}', sinceFor: '{{duration}}, sejak {{time}}', 
  },
  fault: {
    ConnectorLockFailure: 'Kunci konektor macet', EVCommunicationError: 'Komunikasi dengan kendaraan gagal', GroundFailure: 'Arus bocor ke tanah', HighTemperature: 'Terlalu panas', InternalError: 'Galat di dalam stasiun',
    LocalListConflict: 'Daftar kartu di stasiun tidak cocok', NoError: 'Tanpa kode galat', OtherError: 'Galat lain', OverCurrentFailure: 'Arus berlebih', OverVoltage: 'Tegangan terlalu tinggi', PowerMeterFailure: 'Meter energi gagal',
    PowerSwitchFailure: 'Sakelar daya gagal', ReaderFailure: 'Pembaca kartu gagal', ResetFailure: 'Mulai ulang gagal', UnderVoltage: 'Tegangan terlalu rendah', WeakSignal: 'Sinyal lemah', other: 'Kode {{code}}',
  },
  faultStep: {
    ConnectorLockFailure: 'Lepas dan pasang lagi kabel, lalu buka kunci.', EVCommunicationError: 'Minta pengemudi mencabut dan memasang lagi.', GroundFailure: 'Jangan dipakai. Panggil teknisi listrik.', HighTemperature: 'Biarkan dingin, periksa ventilasi.',
    other: 'Mulai ulang stasiun; jika kembali, panggil teknisi.',
  },
  common: {
    unknown: 'Belum diketahui', yes: 'Ya', no: 'Tidak', cancel: 'Batal', close: 'Tutup', retry: 'Coba lagi', copy: 'Salin', copied: 'Tersalin', more: 'Muat lagi', loading: 'Memuat', zoneMixed: 'Waktu setempat tiap lokasi', zone: 'Waktu {{zone}}',
    trace: 'ID jejak', asTable: 'Lihat sebagai tabel', asChart: 'Lihat sebagai grafik', connector: 'Konektor {{number}}', station: 'Stasiun', yesterday: 'kemarin {{value}}', details: 'Rincian', clearFilters: 'Hapus saringan', offlineAction: 'Menunggu sambungan langsung',
    needsOperator: 'Perlu peran operator', needsAdmin: 'Perlu peran admin', 
  },
  state: {
    errorTitle: 'Data tidak dapat dimuat', noPermission: 'Akun Anda tidak punya izin untuk ini', noPermissionDetail: 'Admin tenant dapat memberi peran yang diperlukan.', noMatch: 'Tidak ada yang cocok', noMatchDetail: 'Longgarkan saringan: {{filters}}.',
    notFound: 'Tidak ditemukan', notFoundDetail: 'Alamat ini tidak menunjuk apa pun di tenant Anda.',
  },
  problem: {
    'no-connection': 'Server tidak terjangkau dari peramban ini. Periksa jaringan, lalu coba lagi.', 'api-unreachable': 'Dasbor berjalan, tetapi API tidak menjawab. Pengisian tetap berjalan karena stasiun terhubung ke gateway.',
    'books-unavailable': 'Basis data tidak menjawab. Stasiun menyimpan pesannya dan mengirim ulang; tidak ada yang hilang.', 'lab-unreachable': 'Server lab tidak menjawab. Periksa dengan npx csmsctl doctor.', 'session-not-active': 'Sesi ini sudah berakhir, jadi tidak ada yang perlu dihentikan.', 'already-registered': 'Nama atau nomor ini sudah terdaftar.', 'too-many-requests': 'Terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi.',
    'identity-unavailable': 'Sesi masuk tidak dapat diperbarui karena layanan masuk tidak menjawab. Coba lagi sebentar lagi.', 'unexpected-answer': 'Jawaban API tidak dapat dibaca. Muat ulang halaman; mungkin ada versi baru.', other: 'API menjawab: {{detail}}',
  },
  overview: {
    title: 'Ringkasan', now: 'Sekarang', charging: 'Mengisi', free: 'Tersedia', otherStates: 'Keadaan lain', otherMore: '{{number}} lainnya', faulted: 'Gangguan', offline: 'Terputus', ofConnectors_other: 'dari {{count}} konektor', ofStations_other: 'dari {{count}} stasiun', longest: 'terlama {{duration}}', drawing: 'daya keluar {{power}}', ended: 'selesai', running: '{{number}} berjalan', dayOf: 'Hari ini menurut {{site}} ({{zone}})', dayOfZone: 'Hari ini menurut {{zone}}',
    attention: 'Perlu perhatian', attentionNone: 'Tidak ada yang perlu ditangani.', attentionMore_other: 'dan {{count}} lagi', today: 'Hari ini', energy: 'Energi', revenue: 'Pendapatan', sessions: 'Sesi', stations: 'Stasiun', 
    allStations: 'Semua stasiun', firstTitle: 'Belum ada lokasi', firstDetail: 'Buat lokasi pertama dari berkas YAML; gateway, dasbor, dan pelatih model menyusul sendiri.', hourly: 'Energi per jam hari ini',
  },
  attention: {
    'station-offline': 'Stasiun terputus', 'station-faulted': 'Stasiun gangguan', 'connector-faulted': 'Konektor {{connector}} gangguan', 'station-knocking': 'Stasiun belum terdaftar mencoba masuk', 'orphan-stop': 'Penghentian tanpa sesi yang dikenal', 'session-flagged': 'Sesi perlu diperiksa',
  },
  forecast: {
    title: 'Prakiraan beban 24 jam', site: 'Prakiraan untuk', median: 'Prakiraan', band: 'Rentang 80%', usual: 'Biasanya', actual: 'Terukur', now: 'sekarang', hour: 'Jam', none: 'Belum ada prakiraan.', noneDetail: 'Pelatih model berjalan setiap hari; prakiraan pertama muncul setelah itu.',
    learning: 'Masih belajar, {{count}} hari data', learningDetail: 'Prakiraan diterbitkan setelah cukup riwayat untuk diuji.', failed: 'Prakiraan gagal', degraded: 'Prakiraan menurun mutunya', reasonIs: 'Alasan:', issued: 'Diterbitkan {{time}} oleh model {{model}}',
    last7: '7 hari terakhir: meleset rata-rata {{mae}} per jam, {{coverage}} jam jatuh di dalam rentang 80%.', last7Bias: '7 hari terakhir: meleset rata-rata {{mae}} per jam.', last7None: 'Belum ada jam yang dapat dinilai dalam 7 hari terakhir.', axis: 'kWh per jam', past: 'lalu', choose: 'Pilih lokasi untuk melihat prakiraan.',
  },
  stations: {
    title: 'Stasiun', count_other: '{{count}} stasiun', identity: 'Stasiun', status: 'Keadaan', connectors: 'Konektor', site: 'Lokasi', version: 'OCPP', power: 'Daya', lastSeen: 'Terakhir terhubung', filterStatus: 'Keadaan', filterAll: 'Semua keadaan', search: 'Nama stasiun',
    firstTitle: 'Belum ada stasiun', firstDetail: 'Daftarkan stasiun, lalu arahkan stasiun ke alamat OCPP dengan kata sandi yang diberikan. Alamat itu disebut oleh:', knocking: 'Mencoba masuk', knockingDetail: 'Stasiun ini belum terdaftar atau memakai kata sandi yang salah. Daftarkan bila milik Anda.', attempts_other: '{{count}} kali', tries: 'Percobaan', register: 'Daftarkan stasiun', registerTitle: 'Stasiun baru', identityHint: 'Identitas OCPP seperti dipakai stasiun di alamatnya', passwordOnce: '{{station}} terdaftar. Kata sandi ini hanya tampil sekali; pasang di stasiun sebelum menutup jendela ini.', address: 'Alamat OCPP', username: 'Nama pengguna', password: 'Kata sandi', knockingReason: 'Alasan', knockingLast: 'Terakhir',
    filterNameSearch: 'nama "{{value}}"', filterNameStatus: 'keadaan "{{value}}"', filterNameSite: 'lokasi',
  },
  station: {
    connectors: 'Konektor', noSession: 'Tidak ada sesi berjalan.', info: 'Data stasiun', vendor: 'Pembuat', model: 'Model', serial: 'Nomor seri', firmware: 'Firmware', version: 'Versi OCPP', booted: 'Terakhir menyala', lastSeen: 'Terakhir terhubung', online: 'Terhubung', sinceWord: 'sejak',
    commands: 'Perintah', recentCommands: 'Perintah terakhir', noCommands: 'Belum ada perintah.', sessions: 'Sesi terakhir', noSessions: 'Belum ada sesi di stasiun ini.', whatToDo: 'Langkah pertama: {{step}}', open: 'Buka sesi', offlineCommands: 'Stasiun terputus; perintah menunggu sampai batas waktunya, lalu gugur.',
  },
  command: {
    'remote-stop': 'Hentikan pengisian', 'remote-start': 'Mulai pengisian', reset: 'Mulai ulang', unlock: 'Buka kunci konektor', 'change-availability': 'Ubah ketersediaan', trigger: 'Minta laporan keadaan', 'clear-cache': 'Kosongkan ingatan kartu', 'change-configuration': 'Ubah pengaturan', 'get-configuration': 'Baca pengaturan', 'data-transfer': 'Kirim data',
    resetTarget: 'Mulai ulang {{station}}', disable: 'Nonaktifkan {{station}}', enable: 'Aktifkan {{station}}', unlockTarget: 'Buka kunci konektor {{connector}}', stopTarget: 'Hentikan pengisian di konektor {{connector}}', startTarget: 'Mulai pengisian di {{station}}', triggerTarget: 'Minta laporan dari {{station}}',
    confirmStop: 'Sesi di {{station}} konektor {{connector}} berakhir. Pengemudi membayar untuk {{energy}} sejauh ini.', confirmReset_other: '{{count}} sesi di {{station}} akan berhenti; pengemudi membayar untuk {{energy}}.', confirmResetIdle: '{{station}} terputus sekitar satu menit. Tidak ada sesi yang terhenti.',
    confirmDisable_other: 'Tidak ada mobil baru yang dapat mengisi di {{station}}. {{count}} sesi yang berjalan boleh selesai dulu.', confirmEnable: '{{station}} dapat dipakai lagi oleh semua pengemudi.', confirmUnlock: 'Kabel di konektor {{connector}} terlepas. Sesi yang berjalan di sana akan berhenti.', confirmUnlockIdle: 'Kabel di konektor {{connector}} dapat dicabut.',
    confirmStart: '{{station}} diminta memulai pengisian atas beban kartu ini. Kendaraan harus sudah tercolok.', confirmTrigger: 'Stasiun mengirim keadaan semua konektornya lagi. Tidak ada sesi yang terganggu.', startCard: 'Kartu yang dibebani', startCardHint: 'Nomor kartu atau ID aplikasi', startConnector: 'Konektor', startAny: 'Pilihan stasiun',
    stageAsked: 'Diminta {{time}}', stageSent: 'terkirim {{time}}', stageAnswered: { accepted: 'diterima stasiun {{time}}', rejected: 'ditolak stasiun {{time}}', failed: 'gagal di stasiun {{time}}' }, stageSeen: { 'remote-stop': 'sesi berakhir {{time}}', 'remote-start': 'sesi dimulai {{time}}', reset: 'stasiun menyala lagi {{time}}', availability: 'terlihat di stasiun {{time}}' },
    waitSent: 'menunggu dikirim', waitAnswer: 'menunggu jawaban stasiun', waitSeen: 'menunggu terjadi', state: { queued: 'Menunggu', sent: 'Terkirim', accepted: 'Diterima', rejected: 'Ditolak', failed: 'Gagal', unknown: 'Tidak diketahui', expired: 'Kedaluwarsa', 'not-connected': 'Tidak terhubung' },
    outcome: { unknown: 'Terkirim, tetapi jawaban tidak pernah datang. Lihat keadaan stasiun sebelum mengulang.', expired: 'Batas waktu lewat sebelum terkirim. Tidak ada yang terjadi.', 'not-connected': 'Stasiun tidak terhubung. Tidak ada yang terkirim.' }, refused: 'Perintah tidak diterima sistem', by: 'oleh {{who}}',
  },
  sessions: {
    importedNoBill: 'Sesi impor dicatat tanpa tagihan', title: 'Sesi', started: 'Mulai', station: 'Stasiun', driver: 'Pengemudi', duration: 'Lama', energy: 'Energi', power: 'Daya', total: 'Tagihan', state: 'Keadaan', filterState: 'Keadaan', stateName: { active: 'Berjalan', ended: 'Selesai', 'lost-stop': 'Akhir hilang' }, range: 'Rentang', ranges: { '24h': '24 jam', '7d': '7 hari', all: 'Semua' },
    firstTitle: 'Belum ada sesi', firstDetail: 'Sesi muncul begitu sebuah kendaraan mulai mengisi. Untuk memulainya dari jauh:', provisional: 'sementara', filterNameState: 'keadaan "{{value}}"', filterNameRange: 'rentang {{value}}', noBill: 'Tagihan dibuat saat sesi berakhir', noPower: 'Stasiun belum mengirim daya', noDriver: 'Kartu tanpa nama', noEnergy: 'Belum ada pembacaan meter',
  },
  session: {
    title: 'Sesi di {{station}}', curve: 'Daya dan energi', power: 'Daya', energy: 'Energi', soc: 'Baterai', price: 'Harga', total: 'Jumlah', lineEnergy: 'Energi', lineIdle: 'Menganggur setelah penuh', lineFee: 'Biaya sesi', provisional: 'Sementara: akhir sesi belum diterima. Menjadi final saat datang, atau setelah 48 jam.', noBill: 'Tagihan dibuat saat sesi berakhir.', tariff: '{{name}}: {{price}} per kWh', facts: 'Fakta sesi',
    driver: 'Pengemudi', card: 'Kartu', started: 'Mulai', ended: 'Berakhir', reason: 'Sebab berakhir', meterStart: 'Meter awal', meterStop: 'Meter akhir', reference: 'Nomor transaksi', source: 'Asal', sourceOcpp: 'Stasiun ({{version}})', sourceImport: 'Impor riwayat', receivedLate: 'diterima {{time}}', running: 'masih berjalan', noSoc: 'Kendaraan tidak mengirimkannya', 
    flags: 'Catatan', explanation: 'Penjelasan', explanationDetail: 'Setiap pesan yang membentuk sesi ini, dan apa yang dilakukan dengannya.', message: 'Pesan', eventAt: 'Jam stasiun', receivedAt: 'Diterima', verdict: 'Keputusan', readings_other: '{{count}} pembacaan meter tersimpan', noPoints: 'Belum ada pembacaan meter.', noMessages: 'Tidak ada pesan: sesi ini berasal dari impor.', delay: 'terlambat {{duration}}',
    unitPrice: '{{quantity}} × {{price}}', noReason: 'Stasiun tidak menyebutkan sebab', 
  },
  authorization: { Accepted: 'Diterima', Blocked: 'Diblokir', Expired: 'Kedaluwarsa', Invalid: 'Tidak dikenal', ConcurrentTx: 'Sedang mengisi di tempat lain' },
  detail: {
    begun: 'sesi dimulai', card: 'kartu {{status}}', startAgain: 'awal ini sudah ada di pembukuan sebagai transaksi {{ref}}', stopBefore: 'akhirnya datang lebih dulu: {{said}}', stopLost: 'akhirnya tidak pernah datang: awal baru di konektor ini menutupnya dengan pembacaan meter terakhir yang diketahui', lateStop: 'akhir yang terlambat menyelesaikan sesi: {{energy}}',
    endedWith: 'berakhir: {{energy}}', stopAgain: 'akhir ini sudah ada di pembukuan', secondStop: 'akhir kedua menyebut meter {{energy}} pada {{time}}', firstStandsAt: 'yang pertama berlaku, {{energy}}', firstStands: 'yang pertama berlaku', secondEnd: 'akhir kedua pada {{time}}', seqAgain: 'pesan nomor {{number}} sudah ada di pembukuan',
    readingLate: 'pembacaan {{time}} datang setelah sesi ditutup', afterEnd: 'datang setelah transaksi berakhir', energyUnchanged: 'energi tidak berubah', billFinal: 'tagihan sudah final, maka tidak ada yang berubah', readingStored: 'pembacaan disimpan', readingAgain: 'pembacaan ini sudah ada di pembukuan',
    started: 'awal', updated: 'perkembangan', ended: 'akhir', numbersAnew: 'penomoran diulang setelah stasiun menyala ulang', filledGap: 'mengisi celah sesi yang sudah ditutup: {{energy}}', startMissing: 'awalnya belum datang', numbersMissing: 'ada nomor yang belum datang', offline: 'tersimpan di stasiun saat terputus',
  },
  modelReason: {
    takesOver: '{{own}} menggantikan {{other}}: {{said}}', refused: '{{own}} ditolak: {{said}}', compared: 'RMSE {{own}} berbanding {{other}} milik {{kind}} selama {{days}} hari', betterBy: '{{compared}}, {{gain}} lebih baik', onlyBetterBy: '{{compared}}, hanya {{gain}} lebih baik', worseBy: '{{compared}}, {{loss}} lebih buruk', gainAsked: 'diminta lebih baik paling sedikit {{share}}',
    certain: 'lebih baik pada {{share}} bulan contoh ulang', uncertain: 'lebih baik hanya pada {{share}} bulan contoh ulang', asked: 'diminta {{share}}', askedRange: 'diminta {{from}} sampai {{until}}', tooHigh: 'prakiraannya secara keseluruhan {{share}} terlalu tinggi', tooLow: 'prakiraannya secara keseluruhan {{share}} terlalu rendah', allowed: 'paling banyak {{share}} diperbolehkan',
    coverage: '{{share}} jam jatuh di dalam rentang 80%', noBias: 'tidak ada pengisian pada hari yang dinilai, maka biasnya tidak dapat dihitung', noInterval: 'belum punya rentang', noDays: 'tidak ada hari untuk menilainya', noError: '{{kind}} tidak meleset sama sekali selama {{days}} hari, maka tidak ada yang dapat lebih baik',
    lostGround: '{{own}} tertinggal: selama {{days}} hari terbit terakhir RMSE-nya {{ownRmse}}, {{other}} {{otherRmse}}', servesUntil: '{{kind}} dipakai sampai ada yang layak menggantikan', first: '{{kind}} adalah model pertama lokasi ini, dibuat dari {{days}} hari', refitted: '{{kind}} disesuaikan ulang dengan {{days}} hari', secondBest: '{{own}} layak dipakai, tetapi {{other}} lebih baik lagi', beaten: '{{own}} dikalahkan {{other}}',
    learning: 'masih belajar, {{days}} hari: prakiraan memerlukan {{asked}} hari utuh', noneLeft: 'tidak ada hari tersisa untuk menilai di luar {{days}} hari yang membentuk model', notJudged: '{{own}} tidak dinilai: {{other}} tidak punya hari pembanding',
  },
  verdict: { applied: 'Dipakai', duplicate: 'Kembar, dikenali', late: 'Terlambat, disimpan', orphan: 'Tanpa sesi, disimpan', conflict: 'Bertentangan, disimpan' },
  stopReason: { Local: 'Dihentikan di stasiun', Remote: 'Dihentikan dari jauh', EVDisconnected: 'Kabel dicabut', DeAuthorized: 'Kartu ditolak', EmergencyStop: 'Tombol darurat', HardReset: 'Mulai ulang paksa', SoftReset: 'Mulai ulang', PowerLoss: 'Listrik padam', Reboot: 'Stasiun menyala ulang', UnlockCommand: 'Kunci dibuka dari jauh', LostStop: 'Akhir tidak diterima', Timeout: 'Tidak ada aktivitas', EnergyLimitReached: 'Batas energi tercapai', TimeLimitReached: 'Batas waktu tercapai', StoppedByEV: 'Dihentikan kendaraan', Other: 'Sebab lain' },
  flag: {
    'negative-energy': 'Meter berjalan mundur; energi dihitung nol', 'offline-start': 'Dimulai saat stasiun tidak terhubung', 'offline-events': 'Sebagian berlangsung saat stasiun tidak terhubung', 'unknown-token': 'Kartu tidak dikenal', 'token-not-accepted': 'Kartu tidak diizinkan', 'lost-stop': 'Akhir sesi tidak pernah diterima', 'late-stop': 'Akhir sesi datang terlambat', 'conflicting-stop': 'Dua akhir yang berbeda; yang pertama berlaku', 'stop-before-start': 'Akhir datang sebelum awal', 'seq-gap': 'Ada pesan yang belum datang', 'seq-restart': 'Stasiun mengulang penomoran pesan', 'start-missing': 'Awal sesi tidak pernah diterima', 'time-reversed': 'Menurut jam stasiun berakhir sebelum mulai', 'no-tariff': 'Tidak ada tarif yang berlaku, maka tidak ditagih', 'no-register': 'Tidak ada pembacaan meter', 'clock-wrong': 'Jam stasiun salah; yang dipakai waktu diterima', 'unreadable-register': 'Ada pembacaan meter yang mustahil dan tidak dihitung', 'unpriceable': 'Jumlahnya tidak dapat dihitung; perlu diperiksa', 'unreadable-bill': 'Tagihannya tidak terbaca; perlu diperiksa', 'offline-authorized': 'Kartu diterima dari ingatan saat pembukuan tidak dapat dihubungi',
  },
  cards: {
    uid: 'Nomor', driver: 'Pengemudi', kind: 'Jenis', kindName: { rfid: 'Kartu RFID', app: 'Aplikasi', vehicle: 'Kendaraan', central: 'Pusat' }, status: 'Status', active: 'Aktif', blocked: 'Diblokir', created: 'Dibuat', add: 'Tambah kartu', addTitle: 'Kartu baru', uidHint: 'Seperti terbaca oleh stasiun, misalnya 04A1B2C3', driverHint: 'Boleh kosong',
    block: 'Blokir kartu', unblock: 'Buka blokir', confirmBlock: 'Kartu {{uid}} ({{driver}}) ditolak mulai kali berikutnya ditempel. Sesi yang berjalan tidak dihentikan.', confirmUnblock: 'Kartu {{uid}} ({{driver}}) diterima lagi mulai kali berikutnya ditempel.', firstTitle: 'Belum ada kartu', firstDetail: 'Tanpa kartu terdaftar, setiap kartu yang ditempel ditolak. Tambahkan kartu pertama di sini. Untuk memulai sesi tanpa kartu fisik, pakai nomornya di baris perintah:', noName: 'tanpa nama', validUntil: 'Berlaku sampai', forever: 'tanpa batas', blockedDriver: 'Pengemudi diblokir', blockedGroup: 'Grup diblokir',
    enrol: 'Baca kartu', enrolTitle: 'Baca kartu di stasiun', enrolStation: 'Stasiun', enrolNone: 'Tidak ada stasiun yang terhubung.', enrolStart: 'Tunggu kartu', enrolWait: 'Tempelkan kartu ke stasiun {{station}} dalam satu menit.', enrolSeen: 'Kartu {{uid}} ditempelkan ke stasiun. Milik siapa?', enrolOver: 'Tidak ada kartu tak dikenal yang ditempelkan ke stasiun.',
  },
  tariffs: {
    name: 'Nama', site: 'Lokasi', allSites: 'Semua lokasi', energy: 'Per kWh', fee: 'Per sesi', idle: 'Menganggur per menit', grace: 'Gratis menganggur', graceMinutes_other: '{{count}} menit', validFrom: 'Berlaku sejak', add: 'Tambah tarif', addTitle: 'Tarif baru', addDetail: 'Berlaku untuk sesi yang dimulai sejak waktu itu. Tagihan yang sudah ada tidak berubah.', save: 'Berlakukan tarif',
    firstTitle: 'Belum ada tarif', firstDetail: 'Tanpa tarif, sesi dicatat tetapi tidak ditagih. Tambahkan tarif pertama di sini.', current: 'berlaku', ended: 'berakhir {{time}}', planned: 'mulai {{time}}', graceField: 'Menit gratis sebelum biaya menganggur',
  },
  models: {
    title: 'Model prakiraan', lead: 'Model mana yang dipakai, mana yang menantang, dan mengapa keputusan itu diambil.', choose: 'Pilih lokasi di atas.', champion: 'Dipakai', challenger: 'Penantang', retired: 'Pensiun', decision: 'Keputusan', reason: 'Alasan', trained: 'Dilatih', data: 'Data', dataDays_other: '{{count}} hari', dataSessions_other: '{{count}} sesi', error: 'Meleset rata-rata', errorShort: 'MAE', rmse: 'RMSE', skill: 'Keunggulan atas musiman', runs: 'Pelatihan', runKind: { daily: 'Harian', deep: 'Mendalam' }, started: 'Mulai', took: 'Lama', outcome: { running: 'Berjalan', promoted: 'Model baru dipakai', kept: 'Model lama dipertahankan', learning: 'Data belum cukup', failed: 'Gagal' },
    decisionName: { first: 'Model pertama', promoted: 'Dipakai', refitted: 'Disesuaikan ulang', fallback: 'Kembali ke cadangan', refused: 'Ditolak' }, coverage: 'Rentang 80% tepat', firstTitle: 'Belum ada model', firstDetail: 'Pelatih berjalan menurut jadwal lokasi (spec.training.schedule pada ChargingSite); model pertama muncul setelah pelatihan pertama.', result: 'Hasil', noRuns: 'Belum ada pelatihan.', noChampion: 'Belum ada model yang lolos ujian; prakiraan tidak diterbitkan.', unit: 'kWh per jam', otherModels: 'Penantang dan model lama', issuedTitle: 'Prakiraan yang terbit', kind: { blend: 'gabungan', profile: 'profil mingguan', ridge: 'regresi ridge', naive24: 'sama seperti kemarin', naive168: 'sama seperti pekan lalu' },
  },
  lab: {
    title: 'Lab', lead: 'Ganggu sistem sesuka Anda, lalu lihat di halaman ini bahwa tidak ada yang hilang.', proof: 'Bukti: tidak ada yang hilang', proofOk: 'Semua transaksi yang diakui ada di pembukuan, tepat sekali.', proofBad_other: '{{count}} masalah ditemukan', proofWaiting_other: '{{count}} pesan masih menunggu di stasiun; akan masuk setelah terhubung.', checked: 'diperiksa {{age}}',
    byChargers: 'Menurut stasiun', acknowledged: 'Diakui', inBooks: 'Di pembukuan', lost: 'Hilang', doubled: 'Ganda', transactions: 'Transaksi', energy: 'Energi', bills: 'Tagihan', difference: 'Selisih', ended: 'Sesi berakhir', billedOnce: 'Ditagih sekali', unbilled: 'Belum ditagih', billedTwice: 'Ditagih dua kali',
    stations: 'Stasiun simulasi', plug: 'Colokkan mobil', unplug: 'Cabut', tapKnown: 'Tempel kartu dikenal', tapBlocked: 'Tempel kartu diblokir', tapUnknown: 'Tempel kartu tak dikenal', tap: 'Tempel kartu', cut: 'Putuskan kabel jaringan', restore: 'Sambung lagi', fault: 'Buat gangguan', clear: 'Hapus gangguan', connected: 'Terhubung', cutNow: 'Kabel terputus', disconnected: 'Tidak terhubung', queuedMessages_other: '{{count}} pesan menunggu', empty: 'Kosong',
    processes: 'Proses', name: 'Proses', ready: 'Siap', notReady: 'Belum siap', restarts: 'Mulai ulang', connections: 'Sambungan', kill: 'Matikan', killConfirm: 'Proses {{name}} dimatikan paksa (kill -9). Peluncur menyalakannya lagi; stasiun menyambung ulang.', bus: 'Bus pesan', busRunning: 'Berjalan', busStopped: 'Berhenti', stopBus: 'Hentikan bus', startBus: 'Jalankan bus', busDetail: 'Tanpa bus, perintah ke stasiun menunggu; fakta tetap masuk ke pembukuan.', only: 'Halaman ini hanya ada dalam mode lab, untuk operator.', firstTitle: 'Tidak ada stasiun simulasi', firstDetail: 'Platform berjalan tanpa armada demo. Hentikan dulu, lalu jalankan lagi tanpa --no-demo:', card: { accepted: 'Kartu diterima', refused: 'Kartu ditolak: {{reason}}', refusedPlain: 'Kartu ditolak', busy: 'Konektor sibuk: kartu tidak dibaca' }, cardReason: { Blocked: 'diblokir', Expired: 'kedaluwarsa', Invalid: 'tidak dikenal', ConcurrentTx: 'sedang mengisi di stasiun lain' },
    done: { plug: '{{target}}: mobil dicolokkan.', unplug: '{{target}}: kabel dicabut.', tap: '{{target}}: kartu ditempel.', cut: '{{target}}: kabel jaringan diputus.', restore: '{{target}}: tersambung lagi.', fault: '{{target}}: gangguan dibuat.', clear: '{{target}}: gangguan dihapus.', 'kill-process': 'Proses {{target}} dimatikan.', 'stop-bus': 'Bus pesan dihentikan.', 'start-bus': 'Bus pesan dijalankan.' }, stopBusConfirm: 'Bus pesan berhenti sampai dijalankan lagi. Perintah ke stasiun menunggu dan layar tidak diperbarui langsung; fakta tetap masuk ke pembukuan.',
  },
} as const;
