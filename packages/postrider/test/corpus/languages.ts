/** The languages of the corpus: what a subject, a name, a text and a file name are in each. */

export interface Language {
  readonly name: string;
  readonly subject: string;
  readonly person: string;
  readonly text: string;
  readonly filename: string;
  /** The letters are all in ISO 8859-1. */
  readonly isLatin1?: true;
}

export const LANGUAGES: readonly Language[] = [
  {
    name: "English",
    subject: "Minutes of the meeting on Tuesday",
    person: "Ann O'Neil",
    text: "Please find the minutes attached; comments are welcome until Friday.",
    filename: "minutes.txt",
    isLatin1: true,
  },
  {
    name: "German",
    subject: "Übergabe der Schlüssel: Größe und Maße der Räume",
    person: "Jürgen Weiß",
    text: "Die Übergabe erfolgt am Dienstag, wie besprochen, mit allen Schlüsseln für die Räume im Erdgeschoß.",
    filename: "Übergabe.txt",
    isLatin1: true,
  },
  {
    name: "French",
    subject: "Réunion reportée à l’été, à cause de l’œuvre",
    person: "Zoë Lefèvre",
    text: "Voici le compte rendu de la réunion ; n’hésitez pas à m’écrire où et quand cela vous plaît.",
    filename: "compte-rendu de l’été.txt",
  },
  {
    name: "Spanish",
    subject: "¿Mañana a las diez? ¡Qué alegría!",
    person: "José Ibáñez Núñez",
    text: "Mañana a las diez nos vemos en la oficina del señor Ibáñez, al lado del jardín botánico.",
    filename: "año nuevo.txt",
    isLatin1: true,
  },
  {
    name: "Polish",
    subject: "Zażółć gęślą jaźń",
    person: "Łukasz Żółć",
    text: "Pchnąć w tę łódź jeża lub ośm skrzyń fig, zanim przyjdzie wieść o źródle.",
    filename: "zażółć.txt",
  },
  {
    name: "Czech",
    subject: "Příliš žluťoučký kůň úpěl ďábelské ódy",
    person: "Jiří Dvořák",
    text: "Příliš žluťoučký kůň úpěl ďábelské ódy, až se z toho ve městě třásla okna.",
    filename: "kůň.txt",
  },
  {
    name: "Turkish",
    subject: "Işık ve İstanbul: toplantı günü değişti",
    person: "Gökçe Şahin",
    text: "Toplantı günü değişti; İstanbul ışıkları altında, çay içerek görüşürüz.",
    filename: "toplantı.txt",
  },
  {
    name: "Vietnamese",
    subject: "Lịch họp tuần tới đã được thay đổi",
    person: "Nguyễn Thị Ánh",
    text: "Lịch họp tuần tới đã được thay đổi, xin vui lòng xem tệp đính kèm để biết chi tiết.",
    filename: "lịch họp.txt",
  },
  {
    name: "Greek",
    subject: "Η συνάντηση της Τρίτης αναβάλλεται",
    person: "Ελένη Παπαδοπούλου",
    text: "Η συνάντηση της Τρίτης αναβάλλεται για την επόμενη εβδομάδα, την ίδια ώρα.",
    filename: "πρακτικά.txt",
  },
  {
    name: "Russian",
    subject: "Съешь ещё этих мягких французских булок, да выпей же чаю",
    person: "Юлия Щербакова",
    text: "Съешь ещё этих мягких французских булок, да выпей же чаю; протокол во вложении.",
    filename: "протокол.txt",
  },
  {
    name: "Ukrainian",
    subject: "Щастя, ґанок і їжак",
    person: "Євген Їжакевич",
    text: "Чуєш їх, доцю, га? Кумедна ж ти, прощайся без ґольфів!",
    filename: "ґанок.txt",
  },
  {
    name: "Hebrew",
    subject: "סיכום הפגישה מיום שלישי (טיוטה)",
    person: "יעל כהן",
    text: "סיכום הפגישה מיום שלישי מצורף, 3 עמודים; נא להעיר עד יום שישי.",
    filename: "סיכום.txt",
  },
  {
    name: "Arabic",
    subject: "محضر اجتماع يوم الثلاثاء (نسخة 2)",
    person: "محمد العربي",
    text: "مرفق طيه محضر اجتماع يوم الثلاثاء، نرجو إبداء الملاحظات قبل يوم الجمعة.",
    filename: "محضر.txt",
  },
  {
    name: "Persian",
    subject: "می‌خواهم نامه‌ها را ببینم",
    person: "سارا رضایی",
    text: "می‌خواهم نامه‌ها را ببینم؛ لطفاً تا جمعه پاسخ دهید.",
    filename: "نامه‌ها.txt",
  },
  {
    name: "Hindi",
    subject: "मंगलवार की बैठक का कार्यवृत्त",
    person: "अनीता शर्मा",
    text: "मंगलवार की बैठक का कार्यवृत्त संलग्न है; कृपया शुक्रवार तक अपनी टिप्पणी भेजें।",
    filename: "कार्यवृत्त.txt",
  },
  {
    name: "Bengali",
    subject: "মঙ্গলবারের সভার কার্যবিবরণী",
    person: "রবীন্দ্র সেন",
    text: "মঙ্গলবারের সভার কার্যবিবরণী সংযুক্ত করা হলো; শুক্রবারের মধ্যে জানাবেন।",
    filename: "বিবরণী.txt",
  },
  {
    name: "Tamil",
    subject: "செவ்வாய்க்கிழமை கூட்டத்தின் குறிப்புகள்",
    person: "கண்ணன் முருகன்",
    text: "செவ்வாய்க்கிழமை கூட்டத்தின் குறிப்புகள் இணைக்கப்பட்டுள்ளன.",
    filename: "குறிப்பு.txt",
  },
  {
    name: "Thai",
    subject: "รายงานการประชุมวันอังคารที่ผ่านมาทั้งหมดโดยไม่มีช่องว่าง",
    person: "สมชาย ใจดี",
    text: "รายงานการประชุมวันอังคารแนบมาด้วยแล้วกรุณาแจ้งความเห็นภายในวันศุกร์",
    filename: "รายงาน.txt",
  },
  {
    name: "Chinese, simplified",
    subject: "关于星期二会议纪要的通知以及下一步工作安排的说明",
    person: "王小明",
    text: "星期二的会议纪要见附件，请在星期五之前提出意见。",
    filename: "会议纪要.txt",
  },
  {
    name: "Chinese, traditional",
    subject: "關於星期二會議紀錄的通知",
    person: "陳大文",
    text: "星期二的會議紀錄如附件，請於星期五之前提出意見。",
    filename: "會議紀錄.txt",
  },
  {
    name: "Japanese",
    subject: "火曜日の会議の議事録について（ご確認のお願い）",
    person: "山田 太郎",
    text: "火曜日の会議の議事録を添付いたします。金曜日までにご確認ください。",
    filename: "議事録ガギグ.txt",
  },
  {
    name: "Korean",
    subject: "화요일 회의록을 보내 드립니다",
    person: "김철수",
    text: "화요일 회의록을 첨부하오니 금요일까지 의견을 주시기 바랍니다.",
    filename: "회의록.txt",
  },
  {
    name: "Georgian",
    subject: "სამშაბათის შეხვედრის ოქმი",
    person: "ნინო ბერიძე",
    text: "სამშაბათის შეხვედრის ოქმი თან ერთვის.",
    filename: "ოქმი.txt",
  },
  {
    name: "Emoji",
    subject: "👩‍👩‍👧‍👦 🇨🇭 👍🏽 ❤️ e\u0301 \u{1F469}\u200D\u{1F680}".repeat(3),
    person: "Party 🎉 Team",
    text: "👩‍👩‍👧‍👦🇨🇭👍🏽❤️".repeat(30),
    filename: "🎉 party 🎉.txt",
  },
];
