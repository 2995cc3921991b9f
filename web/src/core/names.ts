// Names that fit. The wall has room for "Sở NN&MT", not for its full name; abbreviations are the ones used in office. Pure.

const SHORT: readonly [RegExp, string][] = [
  [/\b[Nn]ông nghiệp và [Mm]ôi trường/g, "NN&MT"],
  [/\b[Vv]ăn hóa, [Tt]hể thao và [Dd]u lịch/g, "VH,TT&DL"],
  [/\b[Gg]iáo dục và [Đđ]ào tạo/g, "GD&ĐT"],
  [/\b[Kk]hoa học và [Cc]ông nghệ/g, "KH&CN"],
  [/\b[Dd]ân tộc và [Tt]ôn giáo/g, "DT&TG"],
  [/[Pp]hục vụ hành chính công/g, "PVHCC"],
  [/[Cc]ơ sở dữ liệu/g, "CSDL"],
  [/^Văn phòng /, "VP "],
  [/[Ủủ]y ban nhân dân/g, "UBND"],
  [/^Ban [Qq]uản lý /, "BQL "],
  [/[Kk]hu kinh tế/g, "KKT"],
  [/[Kk]hu công nghiệp/g, "KCN"],
  [/^Trung tâm /, "TT "],
  [/^Phường /, "P. "],
  [/^Xã /, "X. "],
  [/^Đặc khu /, "ĐK "],
];

export function short(name: string): string {
  return SHORT.reduce((text, [long, brief]) => text.replace(long, brief), name.normalize("NFC"));
}

/** The longest beginning of `text` that `fits`, cut between words where it can be, with an ellipsis when cut. */
export function cut(text: string, fits: (candidate: string) => boolean): string {
  if (fits(text)) return text;
  const letters = [...text];
  let low = 0;
  let high = letters.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(`${letters.slice(0, middle).join("").trimEnd()}…`)) low = middle;
    else high = middle - 1;
  }
  const kept = letters.slice(0, low).join("").trimEnd();
  const space = kept.lastIndexOf(" ");
  const wordEnded = letters[low] === " ";
  return `${!wordEnded && space > kept.length * 0.6 ? kept.slice(0, space) : kept}…`.replace(/[,;·]…$/, "…");
}
