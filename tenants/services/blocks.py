"""What people ask about a service, and the answers."""

from wagtail import blocks

LONGEST_QUESTION = 150


class QuestionBlock(blocks.StructBlock):
    """A question and its answer."""

    question = blocks.CharBlock(label="问", max_length=LONGEST_QUESTION)
    answer = blocks.TextBlock(label="答", rows=3)

    class Meta:
        icon = "help"
        label = "问答"


class QuestionsBlock(blocks.StreamBlock):
    """Questions in their order."""

    question = QuestionBlock()
