//! Markdown to HTML, a safe small part of it: no raw HTML, no pictures, links to http, https, mailto and tel only.
//! Everything that leaves here was made by the writer of the parser, which escapes text and addresses.

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use crate::domain::block::input::Input;

/// Deeper than this nobody nests on purpose; the writer of the parser walks it without recursion.
const DEEPEST: usize = 16;

/// The HTML of a text.
pub fn html_of(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, events_of(text));
    out
}

/// What is left of a text once everything is gone that may not be shown.
pub fn events_of(text: &str) -> impl Iterator<Item = Event<'_>> {
    let mut depth = 0_usize;
    let mut open_links = Vec::new();
    Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH).filter_map(move |event| match event {
        Event::Html(_)
        | Event::InlineHtml(_)
        | Event::Start(Tag::HtmlBlock | Tag::Image { .. })
        | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
            let address = address(link_type, &dest_url);
            open_links.push(address.is_some());
            let title = CowStr::Borrowed("");
            address.map(|dest_url| Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id }))
        }
        Event::End(TagEnd::Link) => open_links.pop().unwrap_or(false).then_some(Event::End(TagEnd::Link)),
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(heading())),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Heading(HeadingLevel::H3))),
        Event::Start(Tag::BlockQuote(_)) => nested(&mut depth, Event::Start(Tag::BlockQuote(None))),
        Event::Start(tag @ (Tag::List(_) | Tag::Item)) => nested(&mut depth, Event::Start(tag)),
        Event::End(tag @ (TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item)) => {
            depth = depth.saturating_sub(1);
            (depth < DEEPEST).then_some(Event::End(tag))
        }
        event => Some(event),
    })
}

/// Headings of a text stand below the heading of its block.
fn heading<'t>() -> Tag<'t> {
    Tag::Heading { level: HeadingLevel::H3, id: None, classes: Vec::new(), attrs: Vec::new() }
}

fn nested<'e>(depth: &mut usize, event: Event<'e>) -> Option<Event<'e>> {
    *depth += 1;
    (*depth <= DEEPEST).then_some(event)
}

/// Where a link leads, when that is somewhere it may.
fn address<'u>(kind: LinkType, typed: &str) -> Option<CowStr<'u>> {
    let typed = if kind == LinkType::Email { format!("mailto:{typed}") } else { typed.to_owned() };
    Some(CowStr::from(Input::Link.read(&typed).ok()?.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_becomes_html() {
        let text = "# Über mich\n\nIch **repariere** *alles*.\n\n- eins\n- zwei\n\n> Zitat\n\n[Laden](https://example.org/?a=1&b=2)";
        assert_eq!(
            html_of(text),
            "<h3>Über mich</h3>\n<p>Ich <strong>repariere</strong> <em>alles</em>.</p>\n<ul>\n<li>eins</li>\n\
             <li>zwei</li>\n</ul>\n<blockquote>\n<p>Zitat</p>\n</blockquote>\n\
             <p><a href=\"https://example.org/?a=1&amp;b=2\">Laden</a></p>\n"
        );
        assert_eq!(html_of("<mara@example.org>"), "<p><a href=\"mailto:mara@example.org\">mara@example.org</a></p>\n");
    }

    #[test]
    fn nothing_that_acts_gets_through() {
        for (text, out) in [
            ("a<script>alert(1)</script>b", "<p>aalert(1)b</p>\n"),
            ("<script>\nalert(1)\n</script>", ""),
            ("<div onclick=\"x\">\n\nText\n\n</div>", "<p>Text</p>\n"),
            ("[x](javascript:alert(1))", "<p>x</p>\n"),
            ("[x](JaVaScRiPt&colon;alert(1))", "<p>x</p>\n"),
            ("[x](data:text/html,1) [y](//evil.example)", "<p>x y</p>\n"),
            ("<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"),
            ("![x](https://evil.example/pixel.png \"t\")", "<p>x</p>\n"),
            (
                "[![x](https://evil.example/p.png)](https://example.org)",
                "<p><a href=\"https://example.org/\">x</a></p>\n",
            ),
            (
                "[x](https://example.org/\"onmouseover=alert(1))",
                "<p><a href=\"https://example.org/%22onmouseover=alert(1)\">x</a></p>\n",
            ),
            ("```<b onclick=x>\n<b>\n```", "<pre><code class=\"language-&lt;b\">&lt;b&gt;\n</code></pre>\n"),
            ("[x]: javascript:alert(1)\n[x]", "<p>x</p>\n"),
        ] {
            assert_eq!(html_of(text), out, "{text}");
        }
    }

    #[test]
    fn nesting_has_an_end_and_every_tag_its_other_half() {
        for text in ["> ".repeat(3000), "- ".repeat(3000) + "x", "[".repeat(3000), "*a ".repeat(2000)] {
            let html = html_of(&text);
            for tag in ["blockquote", "ul", "li", "em"] {
                let (open, close) =
                    (html.matches(&format!("<{tag}>")).count(), html.matches(&format!("</{tag}>")).count());
                assert_eq!(open, close, "{tag}");
                assert!(open <= DEEPEST || tag == "em", "{tag}: {open}");
            }
        }
    }
}
