"""English and Korean texts of known similarity: pairs of paraphrases, documents and their questions."""

ENGLISH_PAIRS = (
    ("The cat is sleeping on the sofa", "A kitten naps on the couch"),
    ("How do I reset my password?", "I forgot my login and need to recover the account"),
    ("Stock prices rose sharply today", "The share market climbed a lot this afternoon"),
    ("The train to Busan was delayed", "Our railway journey arrived late"),
    ("This restaurant serves delicious noodles", "The pasta at that diner is tasty"),
    ("My head hurts and I have a fever", "I am ill with flu and a headache"),
    ("He jogs in the park every morning", "At dawn he goes running in the garden"),
    ("The function raises an exception", "There is an error in this method"),
)
KOREAN_PAIRS = (
    ("고양이가 소파에서 자고 있다", "소파 위에서 고양이가 낮잠을 잔다"),
    ("비밀번호를 잊어버렸어요", "비밀번호를 재설정하고 싶습니다"),
    ("오늘 주가가 크게 올랐다", "주식 시장이 급등했습니다"),
    ("부산행 기차가 늦게 도착했다", "열차가 지연되어 도착이 늦었습니다"),
    ("이 식당은 국수가 맛있다", "그 맛집의 파스타는 정말 맛있어요"),
    ("머리가 아프고 열이 난다", "두통과 감기 때문에 아파요"),
    ("아침마다 공원에서 달린다", "그는 매일 아침 공원을 달리기로 시작한다"),
    ("함수에서 오류가 발생한다", "이 메서드에 에러가 있습니다"),
)
DOCUMENTS = (
    "Refunds are paid within five days after we receive the returned item.",
    "To change your password, open Settings and choose Security.",
    "Our office is open from Monday to Friday, nine to six.",
    "The battery lasts ten hours and charges in forty minutes.",
    "Shipping to Korea takes about a week and costs ten dollars.",
    "Students get half off with a university card.",
    "The museum shows modern paintings until the end of summer.",
    "환불은 반품된 상품을 받은 뒤 5일 안에 처리됩니다.",
    "비밀번호는 설정의 보안 메뉴에서 바꿀 수 있습니다.",
    "김치는 배추를 소금에 절여 만드는 한국 음식입니다.",
    "지하철 2호선은 서울을 한 바퀴 도는 노선입니다.",
    "내일은 전국에 비가 오고 기온이 떨어지겠습니다.",
    "파이썬은 읽기 쉬운 프로그래밍 언어입니다.",
    "도서관은 책을 2주 동안 빌려줍니다.",
)
QUESTIONS = (
    "How long does a refund take after returning an item?",
    "Where do I change my password?",
    "When is the office open?",
    "How long does the battery last?",
    "What does delivery to Korea cost?",
    "Is there a discount for students?",
    "What can I see at the museum?",
    "반품하면 환불은 언제 되나요?",
    "비밀번호를 어디에서 바꾸나요?",
    "김치는 어떻게 만드나요?",
    "서울 지하철 2호선은 어떤 노선인가요?",
    "내일 비가 오나요?",
    "파이썬은 어떤 언어인가요?",
    "책을 얼마나 오래 빌릴 수 있나요?",
)
KOREAN_WEATHER = "오늘 날씨가 정말 좋네요."
ENGLISH_WEATHER = "The weather is lovely today."
PYTHON = "Python is a programming language."
