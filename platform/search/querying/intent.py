"""What somebody is after: to get something done, or to read."""

import re

_DOING = re.compile(
    r"办理|怎么办|如何办|在哪办|哪里办|去哪办|补办|代办|申办|办证|办个|申请|申领|申报|领取|预约|报名|缴费|缴纳|挂失|注销|变更|登记|备案|年检|"
    r"换证|换领|补领|落户|迁户|过户|提取|转移接续|需要什么材料|哪些材料|什么手续|办事|指南|流程|开办|一件事|一次办"
)
_READING = re.compile(r"办法|条例|规定|细则|意见|通知|决定|法$|号$|《|》|第[\d一二三四五六七八九十百千]+条")


def wants_to_get_done(query: str) -> bool:
    """Whether the query reads like somebody who wants to get something done, and not like the name of a text."""
    return _DOING.search(query) is not None and _READING.search(query) is None
