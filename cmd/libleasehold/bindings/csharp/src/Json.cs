using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Leasehold
{
    /// <summary>
    /// Reads and writes JSON, with nothing beside the base library. Objects are dictionaries, arrays lists, whole numbers long, others double.
    /// </summary>
    public static class Json
    {
        private const int Deepest = 100;

        /// <summary>Writes a value: null, bool, string, a number, a dictionary with texts as keys, or a list.</summary>
        public static string Write(object value)
        {
            var text = new StringBuilder();
            Write(text, value);
            return text.ToString();
        }

        private static void Write(StringBuilder to, object value)
        {
            // Without pattern matching in switch, which Mono's compiler does not know.
            if (value == null) to.Append("null");
            else if (value is bool truth) to.Append(truth ? "true" : "false");
            else if (value is string text) Quote(to, text);
            else if (value is IEnumerable<KeyValuePair<string, object>> members)
            {
                to.Append('{');
                var first = true;
                foreach (var member in members)
                {
                    if (!first) to.Append(',');
                    first = false;
                    Quote(to, member.Key);
                    to.Append(':');
                    Write(to, member.Value);
                }
                to.Append('}');
            }
            else if (value is System.Collections.IEnumerable list)
            {
                to.Append('[');
                var first = true;
                foreach (var element in list)
                {
                    if (!first) to.Append(',');
                    first = false;
                    Write(to, element);
                }
                to.Append(']');
            }
            else if (value is double odd && (double.IsNaN(odd) || double.IsInfinity(odd)) || value is float && !(Math.Abs((float)value) <= float.MaxValue))
                throw new LeaseholdException("", Kind.Usage, "JSON cannot hold " + string.Format(CultureInfo.InvariantCulture, "{0}", value));
            else if (value is double real) to.Append(real.ToString("R", CultureInfo.InvariantCulture));
            else if (value is IFormattable number) to.Append(number.ToString(null, CultureInfo.InvariantCulture));
            else throw new ArgumentException("JSON cannot hold a " + value.GetType());
        }

        private static void Quote(StringBuilder to, string text)
        {
            to.Append('"');
            for (var i = 0; i < text.Length; i++)
            {
                var c = text[i];
                // A half of a pair is no character; UTF-8 cannot hold it.
                var half = char.IsSurrogate(c) && !(char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) &&
                           !(char.IsLowSurrogate(c) && i > 0 && char.IsHighSurrogate(text[i - 1]));
                if (c == '"' || c == '\\') to.Append('\\').Append(c);
                else if (c < ' ' || half) to.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                else to.Append(c);
            }
            to.Append('"');
        }

        /// <summary>Reads an object.</summary>
        /// <exception cref="FormatException">The text is not one JSON object.</exception>
        public static IReadOnlyDictionary<string, object> ReadObject(string text)
        {
            var at = 0;
            var value = Read(text, ref at, 0);
            Blanks(text, ref at);
            if (at != text.Length || !(value is IReadOnlyDictionary<string, object> read)) throw Wrong(at);
            return read;
        }

        private static FormatException Wrong(int at) => new FormatException("this is no JSON object, from character " + at);

        private static void Blanks(string s, ref int at)
        {
            while (at < s.Length && (s[at] == ' ' || s[at] == '\t' || s[at] == '\n' || s[at] == '\r')) at++;
        }

        private static bool Skip(string s, ref int at, string what)
        {
            if (string.CompareOrdinal(s, at, what, 0, what.Length) != 0) return false;
            at += what.Length;
            return true;
        }

        private static object Read(string s, ref int at, int depth)
        {
            Blanks(s, ref at);
            if (at >= s.Length || depth > Deepest) throw Wrong(at);
            switch (s[at])
            {
                case '{':
                    return ReadMembers(s, ref at, depth);
                case '[':
                    return ReadList(s, ref at, depth);
                case '"':
                    return ReadText(s, ref at);
            }
            if (Skip(s, ref at, "null")) return null;
            if (Skip(s, ref at, "true")) return true;
            if (Skip(s, ref at, "false")) return false;
            var from = at;
            while (at < s.Length && "+-.eE0123456789".IndexOf(s[at]) >= 0) at++;
            var number = s.Substring(from, at - from);
            if (long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
            if (double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)) return real;
            throw Wrong(from);
        }

        private static Dictionary<string, object> ReadMembers(string s, ref int at, int depth)
        {
            var members = new Dictionary<string, object>();
            at++;
            Blanks(s, ref at);
            if (Skip(s, ref at, "}")) return members;
            while (true)
            {
                Blanks(s, ref at);
                if (at >= s.Length || s[at] != '"') throw Wrong(at);
                var name = ReadText(s, ref at);
                Blanks(s, ref at);
                if (!Skip(s, ref at, ":")) throw Wrong(at);
                members[name] = Read(s, ref at, depth + 1);
                Blanks(s, ref at);
                if (Skip(s, ref at, "}")) return members;
                if (!Skip(s, ref at, ",")) throw Wrong(at);
            }
        }

        private static List<object> ReadList(string s, ref int at, int depth)
        {
            var list = new List<object>();
            at++;
            Blanks(s, ref at);
            if (Skip(s, ref at, "]")) return list;
            while (true)
            {
                list.Add(Read(s, ref at, depth + 1));
                Blanks(s, ref at);
                if (Skip(s, ref at, "]")) return list;
                if (!Skip(s, ref at, ",")) throw Wrong(at);
            }
        }

        private static string ReadText(string s, ref int at)
        {
            var text = new StringBuilder();
            for (at++; at < s.Length; at++)
            {
                if (s[at] == '"')
                {
                    at++;
                    return text.ToString();
                }
                if (s[at] != '\\')
                {
                    text.Append(s[at]);
                    continue;
                }
                if (++at >= s.Length) break;
                var escape = "\"\\/bfnrt".IndexOf(s[at]);
                if (escape >= 0)
                {
                    text.Append("\"\\/\b\f\n\r\t"[escape]);
                    continue;
                }
                if (s[at] != 'u' || at + 4 >= s.Length || !ushort.TryParse(s.Substring(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)) break;
                text.Append((char)code);
                at += 4;
            }
            throw Wrong(at);
        }
    }
}
